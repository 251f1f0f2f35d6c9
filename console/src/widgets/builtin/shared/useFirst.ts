import { useRef } from 'react';

/** The first value that is not empty. A widget that chooses a part keeps that part, even if another part becomes the busiest; a new `chosen` setting replaces it. */
export function useFirst(value: string, chosen: string): string {
  const kept = useRef({ value: '', chosen });
  if (kept.current.chosen !== chosen || kept.current.value === '') {
    kept.current = { value, chosen };
  }
  return kept.current.value;
}
