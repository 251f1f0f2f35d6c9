import type { ReactNode } from 'react';

/** What a column holds. It decides alignment, width, and how a value without its own `cell` is shown. */
export type CellKind = 'text' | 'id' | 'number' | 'count' | 'bytes' | 'rate' | 'duration' | 'time' | 'state' | 'list';

export type CellContent = string | number | bigint | boolean | readonly string[] | null;

/** One column of a {@link DataTable}. */
export interface Column<T> {
  id: string;
  title: string;
  /**
   * The value that is shown and sorted; null if it is not known, which is sorted last. A `time` is milliseconds since
   * 1970 as a number or nanoseconds as a bigint, a `duration` is seconds.
   */
  value: (row: T) => CellContent;
  /** Shows the cell instead of the value by its kind. */
  cell?: (row: T) => ReactNode;
  /** Default: text. */
  kind?: CellKind;
  /** A track of a CSS grid that does not depend on its content. Default: by kind. */
  width?: string;
  /** `always`: cannot be hidden. `chosen`: hidden until the user chooses the column. Default: shown. */
  show?: 'always' | 'chosen';
  /** Default: true. */
  sortable?: boolean;
}

export interface Sort {
  id: string;
  descending: boolean;
}

const widths: Record<CellKind, string> = {
  text: 'minmax(8rem, 1fr)',
  id: 'minmax(8rem, 14rem)',
  number: 'minmax(6rem, 9rem)',
  count: '6.5rem',
  bytes: '6rem',
  rate: '6rem',
  duration: '6rem',
  time: '7.5rem',
  state: '8rem',
  list: 'minmax(8rem, 1fr)',
};

export function widthOf<T>({ width, kind = 'text' }: Column<T>): string {
  return width ?? widths[kind];
}

export function isNumeric<T>({ kind = 'text' }: Column<T>): boolean {
  return kind === 'number' || kind === 'count' || kind === 'bytes' || kind === 'rate' || kind === 'duration';
}

const byText = new Intl.Collator('en', { numeric: true });

/** The rows in the order of a column; those without a value last. */
export function sorted<T>(rows: readonly T[], { value }: Column<T>, descending: boolean): T[] {
  const sign = descending ? -1 : 1;
  // Each value is read once, not with each comparison.
  return rows
    .map((row) => ({ row, content: value(row) }))
    .sort((a, b) => (a.content === null || b.content === null ? Number(a.content === null) - Number(b.content === null) : sign * compareContents(a.content, b.content)))
    .map(({ row }) => row);
}

function compareContents(a: Exclude<CellContent, null>, b: Exclude<CellContent, null>): number {
  if ((typeof a === 'number' || typeof a === 'bigint') && (typeof b === 'number' || typeof b === 'bigint')) {
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return byText.compare(String(a), String(b));
}
