const pageRows = 10;

/** The row that a key leads to from another one; null if the key does not move between rows. */
export function targetRow(key: string, from: number, count: number): number | null {
  const steps: Record<string, number> = {
    ArrowUp: from - 1,
    ArrowDown: from + 1,
    PageUp: from - pageRows,
    PageDown: from + pageRows,
    Home: 0,
    End: count - 1,
  };
  const wanted = steps[key];
  return wanted === undefined || count === 0 ? null : Math.min(Math.max(wanted, 0), count - 1);
}
