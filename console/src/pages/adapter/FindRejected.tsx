import { useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { deadLettersAddress } from '../../app/deadLetters';

interface Props {
  adapter: string;
  deadLetters: string;
  /** Topics of the newest dead letters. */
  topics: readonly string[];
}

const longest = 400;

/** Finds the dead letters of one device by the levels of the topic that the user enters. */
export function FindRejected({ adapter, deadLetters, topics }: Props) {
  const navigate = useNavigate();
  const [topic, setTopic] = useState('');
  const find = (event: FormEvent) => {
    event.preventDefault();
    void navigate(deadLettersAddress(deadLetters, adapter, topic, topics));
  };
  return (
    <form className="find-rejected" onSubmit={find} role="search" aria-label="Dead letters of the adapter">
      <input
        type="search"
        value={topic}
        maxLength={longest}
        aria-label="Device or topic"
        placeholder="Device or topic, such as pump-7"
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setTopic(event.target.value)}
      />
      <button type="submit" className="button">
        Find dead letters
      </button>
    </form>
  );
}
