import type { Entry } from '../../../api/maps';
import { entryColumns } from '../../../pages/map/entryColumns';
import type { FieldHint } from '../../../components/messages/fieldColumns';
import type { Column } from '../../../components/table/columns';

export const rowBounds = [5, 50, 200] as const;

/** The map to show if none is chosen: the first one with entries. */
export function defaultMap(maps: readonly { name: string; entries: number }[]): string {
  return (maps.find(({ entries }) => entries > 0) ?? maps[0])?.name ?? '';
}

/** Whether the entries are values of clients, and not messages. */
export function isPlain(entries: readonly Entry[]): boolean {
  return entries.every(({ message }) => message === null);
}

/** The field whose value is the key in all entries; '' if no field is. */
export function keyFieldOf(entries: readonly Entry[]): string {
  const [first, ...others] = entries.map(({ key, message }) => Object.entries(message ?? {}).flatMap(([name, value]) => (String(value) === key ? [name] : [])));
  return first?.find((name) => others.every((names) => names.includes(name))) ?? '';
}

/** The columns that a widget shows: the default columns of the page. */
export function shownColumns(hints: readonly FieldHint[], keyField: string, plain: boolean): Column<Entry>[] {
  return entryColumns(hints, keyField, plain, false).filter(({ show }) => show !== 'chosen');
}
