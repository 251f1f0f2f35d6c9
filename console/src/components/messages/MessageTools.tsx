import type { MessagePatterns } from '../../api/types';
import { SearchField } from '../page/SearchField';

interface Props {
  patterns: MessagePatterns;
  onLattice: (lattice: string) => void;
  onPath: (path: string) => void;
  paused: boolean;
  onTogglePause: () => void;
}

/** The longest pattern that the host accepts. */
const longestPattern = 1024;

export function MessageTools({ patterns, onLattice, onPath, paused, onTogglePause }: Props) {
  return (
    <>
      <SearchField label="Lattices" placeholder="lattice, such as estream.iot.**" longest={longestPattern} value={patterns.lattice} onValue={onLattice} />
      <SearchField label="Addresses" placeholder="path, such as /devices/*/**" longest={longestPattern} value={patterns.path} onValue={onPath} />
      <button type="button" className="button button-pause" data-paused={paused ? '' : undefined} onClick={onTogglePause}>
        <svg viewBox="0 0 12 12" aria-hidden="true">
          {paused ? <path d="M2.5 1v10l8-5z" /> : <path d="M2 1h3v10H2zM7 1h3v10H7z" />}
        </svg>
        {paused ? 'Resume' : 'Pause'}
      </button>
    </>
  );
}
