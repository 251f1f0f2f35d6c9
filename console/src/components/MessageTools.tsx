import type { Queue } from '../api/types';

interface Props {
  queues: readonly Queue[];
  queue: string;
  onQueue: (queue: string) => void;
  paused: boolean;
  onTogglePause: () => void;
}

export function MessageTools({ queues, queue, onQueue, paused, onTogglePause }: Props) {
  // A queue named in the address may not exist (any more): it stays in the list so that the list tells the truth.
  const names = new Set([...queues.map(({ name }) => name), ...(queue === '' ? [] : [queue])]);
  return (
    <>
      <label>
        <span className="visually-hidden">Queue</span>
        <select value={queue} onChange={(event) => onQueue(event.target.value)}>
          <option value="">All queues</option>
          {[...names].map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <button type="button" className="button button-pause" data-paused={paused ? '' : undefined} onClick={onTogglePause}>
        <svg viewBox="0 0 12 12" aria-hidden="true">
          {paused ? <path d="M2.5 1v10l8-5z" /> : <path d="M2 1h3v10H2zM7 1h3v10H7z" />}
        </svg>
        {paused ? 'Resume' : 'Pause'}
      </button>
    </>
  );
}
