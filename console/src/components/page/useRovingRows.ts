import { useState, type KeyboardEvent } from 'react';

const pageRows = 10;

interface RovingRows {
  /** Whether the Tab key reaches this row; the arrow keys move the tab stop. */
  isTabStop: (id: string) => boolean;
  onFocus: (id: string) => void;
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
}

/**
 * Makes a long list one stop of the Tab key. Inside it, ↑ ↓ PageUp PageDown Home End move between the
 * elements with a `data-row` attribute.
 */
export function useRovingRows(ids: readonly string[]): RovingRows {
  const [current, setCurrent] = useState<string | null>(null);
  const stop = current !== null && ids.includes(current) ? current : (ids[0] ?? null);

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !(event.target as HTMLElement).matches('[data-row]')) {
      return;
    }
    const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')];
    const next = target(event.key, rows.indexOf(event.target as HTMLElement), rows.length);
    if (next !== null) {
      event.preventDefault();
      rows[next]?.focus();
    }
  };

  return { isTabStop: (id) => id === stop, onFocus: setCurrent, onKeyDown };
}

function target(key: string, from: number, count: number): number | null {
  const steps: Record<string, number> = {
    ArrowUp: from - 1,
    ArrowDown: from + 1,
    PageUp: from - pageRows,
    PageDown: from + pageRows,
    Home: 0,
    End: count - 1,
  };
  const wanted = steps[key];
  return wanted === undefined ? null : Math.min(Math.max(wanted, 0), count - 1);
}
