import type { Entry } from '../../api/maps';
import { fieldColumns, type FieldHint } from '../../components/messages/fieldColumns';
import type { Column } from '../../components/table/columns';
import { shortenMiddle } from '../../format/shorten';

const longestKey = 40;

/** The columns of entries. They can be sorted only if all entries are loaded. */
export function entryColumns(hints: readonly FieldHint[], keyField: string, isPlain: boolean, sortable: boolean): Column<Entry>[] {
  return [
    {
      id: 'key',
      title: keyField === '' ? 'Key' : keyField,
      show: 'always',
      width: 'minmax(10rem, 1fr)',
      sortable,
      value: ({ key }) => key,
      cell: ({ key }) => <span title={key}>{shortenMiddle(key, longestKey)}</span>,
    },
    ...(isPlain
      ? [{ id: 'value', title: 'Value', sortable: false, width: 'minmax(12rem, 3fr)', value: ({ text, bytes }: Entry) => text ?? (bytes === null ? null : `${bytes.length / 2} bytes`) }]
      : fieldColumns<Entry>(hints.filter(({ name }) => name !== keyField), ({ message }) => message ?? {})),
    { id: 'version', title: 'Version', kind: 'number', width: '5.5rem', sortable, value: ({ version }) => version, ...(!isPlain && { show: 'chosen' as const }) },
    { id: 'expires', title: 'Expires', kind: 'time', sortable, value: ({ expiresAt }) => expiresAt, ...(!isPlain && { show: 'chosen' as const }) },
    ...(isPlain
      ? []
      : [
          { id: 'age', title: 'Set', kind: 'time' as const, sortable, value: ({ place }: Entry) => place?.time ?? null },
          { id: 'sequence', title: 'Sequence', kind: 'number' as const, show: 'chosen' as const, sortable, value: ({ place }: Entry) => place?.sequence ?? null },
        ]),
  ];
}
