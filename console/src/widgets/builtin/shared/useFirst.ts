import { useRef } from 'react';

/** The first value that is not empty. A widget that chooses a part by itself keeps it, because the busiest part changes; a new `chosen` setting chooses again. */
export function useFirst(value: string, chosen: string): string {
  const kept = useRef({ value: '', chosen });
  if (kept.current.chosen !== chosen || kept.current.value === '') {
    kept.current = { value, chosen };
  }
  return kept.current.value;
}
