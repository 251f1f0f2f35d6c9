import { useEffect, useRef } from 'react';
import { announce } from '../../state/announcer';

interface Stated {
  name: string;
  state: string;
  detail: string;
}

/** Announces each change of a part's state, but not the states at the start. */
export function useAnnouncedStates(what: string, parts: readonly Stated[]): void {
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
