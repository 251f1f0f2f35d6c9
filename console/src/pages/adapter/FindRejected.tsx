import { useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { deadLettersAddress } from './deadLettersAddress';

interface Props {
  adapter: string;
  deadLetters: string;
}

const longest = 400;

/** Finds the dead letters of one device: those whose topic begins with a text. */
export function FindRejected({ adapter, deadLetters }: Props) {
  const navigate = useNavigate();
  const [topic, setTopic] = useState('');
  const find = (event: FormEvent) => {
    event.preventDefault();
    void navigate(deadLettersAddress(deadLetters, adapter, topic.trim()));
  };
  return (
    <form className="find-rejected" onSubmit={find} role="search" aria-label="Dead letters of the adapter">
      <input
        type="search"
        value={topic}
        maxLength={longest}
        aria-label="Beginning of the topic"
        placeholder="Topic, such as devices/pump-7"
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
