import type { MessagePatterns, Queue } from '../../api/types';
import { SearchField } from '../page/SearchField';

interface Props {
  queues: readonly Queue[];
  queue: string;
  onQueue: (queue: string) => void;
  patterns: MessagePatterns;
  onLattice: (lattice: string) => void;
  onPath: (path: string) => void;
  paused: boolean;
  onTogglePause: () => void;
}

/** The longest pattern that the host accepts. */
const longestPattern = 1024;

export function MessageTools({ queues, queue, onQueue, patterns, onLattice, onPath, paused, onTogglePause }: Props) {
  // A queue named in the URL may not exist (any more); it stays in the list, so that the list shows the selected queue.
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
      {queue !== '' && (
        <>
          <SearchField label="Lattices" placeholder="lattice, such as estream.iot.**" longest={longestPattern} value={patterns.lattice} onValue={onLattice} />
          <SearchField label="Addresses" placeholder="path, such as /devices/*/**" longest={longestPattern} value={patterns.path} onValue={onPath} />
        </>
      )}
      <button type="button" className="button button-pause" data-paused={paused ? '' : undefined} onClick={onTogglePause}>
        <svg viewBox="0 0 12 12" aria-hidden="true">
          {paused ? <path d="M2.5 1v10l8-5z" /> : <path d="M2 1h3v10H2zM7 1h3v10H7z" />}
        </svg>
        {paused ? 'Resume' : 'Pause'}
      </button>
    </>
  );
}
