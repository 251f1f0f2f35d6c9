import type { Message } from '../../../api/types';
import { fieldColumns, type FieldHint } from '../../../components/messages/fieldColumns';
import type { Column } from '../../../components/table/columns';
import { formatClock, formatLocal } from '../../../format/time';

/** The columns of messages: time and number, then one for each field of the schema. */
export function messageColumns(fields: readonly FieldHint[], severalSchemas: boolean): Column<Message>[] {
  return [
    {
      id: 'time',
      title: 'Appended',
      kind: 'time',
      width: '7.5rem',
      show: 'always',
      sortable: false,
      value: ({ time }) => time,
      cell: ({ time }) => <span title={formatLocal(time) ?? ''}>{formatClock(time)}</span>,
    },
    { id: 'sequence', title: 'Sequence', kind: 'number', width: '6rem', sortable: false, value: ({ sequence }) => sequence },
    { id: 'schema', title: 'Schema', sortable: false, value: ({ schema }) => schema, ...(!severalSchemas && { show: 'chosen' as const }) },
    ...fieldColumns<Message>(fields, ({ message }) => message),
    { id: 'address', title: 'Address', sortable: false, show: 'chosen', value: ({ address }) => address ?? null },
    { id: 'position', title: 'Position', kind: 'number', width: '12rem', sortable: false, show: 'chosen', value: ({ position }) => position },
  ];
}
