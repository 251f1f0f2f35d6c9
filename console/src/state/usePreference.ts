import { use, useCallback, useMemo, useState } from 'react';
import { parseJson, writeJson, type JsonValue } from '../api/json';
import { SessionContext } from './SessionContext';

/**
 * A choice of the user that this browser remembers, such as the columns of a table. Several users of one browser do not share the choice.
 * `accept` must be stable.
 */
export function usePreference<T extends JsonValue>(name: string, initial: T, accept: (stored: JsonValue) => T | null): [T, (next: T) => void] {
  const user = use(SessionContext)?.name;
  // A choice that is made before the host has named the user lasts until the host names the user.
  const key = user === undefined ? '' : `estream.${user}.${name}`;
  const [chosen, setChosen] = useState<{ key: string; value: T } | null>(null);
  const stored = useMemo(() => read(key, accept), [key, accept]);
  const choose = useCallback(
    (next: T) => {
      setChosen({ key, value: next });
      if (key !== '') {
        write(key, next);
      }
    },
    [key],
  );
  return [chosen?.key === key ? chosen.value : (stored ?? initial), choose];
}

function write(key: string, value: JsonValue): void {
  try {
    localStorage.setItem(key, writeJson(value));
  } catch {
    // Storage is disabled: the choice lasts until the page is closed.
  }
}

function read<T>(key: string, accept: (stored: JsonValue) => T | null): T | null {
  try {
    const text = localStorage.getItem(key);
    return text === null ? null : accept(parseJson(text));
  } catch {
    return null;
  }
}
