import { use, useCallback, useState } from 'react';
import { parseJson, writeJson, type JsonValue } from '../api/json';
import { SessionContext } from './SessionContext';

/** A choice of the user that this browser remembers, such as the columns of a table. Several users of one browser do not share it. */
export function usePreference<T extends JsonValue>(name: string, initial: T, accept: (stored: JsonValue) => T | null): [T, (next: T) => void] {
  const user = use(SessionContext)?.name ?? '';
  const key = `estream.${user}.${name}`;
  const [chosen, setChosen] = useState<{ key: string; value: T } | null>(null);
  const value = chosen?.key === key ? chosen.value : (read(key, accept) ?? initial);
  const choose = useCallback(
    (next: T) => {
      try {
        localStorage.setItem(key, writeJson(next));
      } catch {
        // Storage is disabled: the choice lasts until the page is closed.
      }
      setChosen({ key, value: next });
    },
    [key],
  );
  return [value, choose];
}

function read<T>(key: string, accept: (stored: JsonValue) => T | null): T | null {
  try {
    const text = localStorage.getItem(key);
    return text === null ? null : accept(parseJson(text));
  } catch {
    return null;
  }
}
