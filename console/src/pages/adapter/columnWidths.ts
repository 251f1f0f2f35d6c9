import type { Cell, CellKind, TableColumn } from '../../api/adapters';

/** About the width of a character. Not `ch`, which differs between the header and the rows. */
const characterRem = 0.5;

/** Widths change in steps of so many characters, so that new rows rarely move the columns. */
const step = 4;
const narrowest = 4;
const widest = 40;

/** A time is shown as its age, whatever its number is. */
const fixed: Partial<Record<CellKind, string>> = { time: '6.5rem', state: '7rem' };

/** The widths of the columns of a table whose content is not known in advance, from the rows that are loaded. */
export function widthsOf(columns: readonly TableColumn[], rows: readonly (readonly Cell[])[]): string[] {
  return columns.map(({ title, kind }, index) => {
    const characters = rows.reduce((most, row) => Math.max(most, lengthOf(row[index] ?? null)), title.length + 1);
    const stepped = Math.min(Math.max(Math.ceil(characters / step) * step, narrowest), widest);
    return fixed[kind] ?? (kind === 'text' || kind === 'id' || kind === 'list' ? `minmax(${(stepped / 2 + 4) * characterRem}rem, ${stepped}fr)` : `${(stepped + 2) * characterRem}rem`);
  });
}

function lengthOf(cell: Cell): number {
  return Array.isArray(cell) ? cell.join(', ').length : String(cell ?? '').length;
}
