import { useEffect, useRef } from 'react';
import type { Overview } from '../api/types';
import { announce } from './announcer';

interface Stated {
  name: string;
  state: string;
  detail: string;
}

/** Announces each change of a part's state, whichever page is open. */
export function useStateNews(overview: Overview | null): void {
  useAnnouncedStates('Adapter', overview?.adapters ?? nothing);
  useAnnouncedStates('Pipeline', overview?.pipelines ?? nothing);
  useAnnouncedStates('Circuit', overview?.circuits ?? nothing);
  useAnnouncedStates('Witness of', overview?.witnesses ?? nothing);
  useAnnouncedStates('Multicast', overview?.multicast ?? nothing);
  useAnnouncedStates('Replica', overview?.replicas ?? nothing);
  useAnnouncedStates('Card', overview?.cards ?? nothing);
}

const nothing: readonly never[] = [];

/** Announces each change of a part's state, but not the states at the start. */
function useAnnouncedStates(what: string, parts: readonly Stated[]): void {
  const before = useRef<ReadonlyMap<string, string> | null>(null);
  useEffect(() => {
    for (const { name, state, detail } of parts) {
      const known = before.current?.get(name);
      if (known !== undefined && known !== state) {
        announce(`${what} ${name} is ${state}${detail === '' ? '' : `: ${detail}`}`);
      }
    }
    before.current = new Map(parts.map(({ name, state }) => [name, state]));
  }, [what, parts]);
}
