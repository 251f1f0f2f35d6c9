import type { JsonValue } from '../../../api/json';
import { writeJson } from '../../../api/json';
import type { SchemaField } from '../../../api/schemas';
import type { Message } from '../../../api/types';
import { isSealed, Sealed } from '../../../components/messages/Sealed';
import type { CellKind, Column } from '../../../components/table/columns';
import { TimeText } from '../../../components/page/TimeText';
import { asTimestamp, formatScalar } from '../../../format/fields';
import { looksLikeBytes } from '../../../format/hex';
import { formatClock, formatLocal } from '../../../format/time';
import { shortenMiddle } from '../../../format/shorten';

/** Fields that are shown before the user chooses. */
const shownAtFirst = 6;
const digits = 9;
const longestText = 60;

/** What a column needs to know of a field; without a schema, its name alone. */
export type FieldHint = Pick<SchemaField, 'name' | 'type'>;

const numeric = /^(?:[iu](?:8|16|32|64|128)|f(?:32|64)|decimal)/;

/** The columns of messages: time and number, then one for each field of the schema. */
export function columnsOf(fields: readonly FieldHint[], severalSchemas: boolean): Column<Message>[] {
  const names = new Set(fields.map(({ name }) => name));
  const unitOf = names.has('value') && names.has('unit') ? 'unit' : null;
  let shown = 0;
  const columns = fields.map((field): Column<Message> => {
    const isShown = field.name !== unitOf && shown < shownAtFirst;
    shown += isShown ? 1 : 0;
    return {
      id: `f.${field.name}`,
      title: field.name,
      kind: kindOf(field),
      sortable: false,
      value: ({ message }) => textOf(message[field.name]),
      cell: ({ message }) => <FieldCell field={field} value={message[field.name]} unit={field.name === 'value' && unitOf !== null ? message[unitOf] : undefined} />,
      ...(!isShown && { show: 'chosen' as const }),
    };
  });
  return [
    { id: 'time', title: 'Appended', kind: 'time', width: '7.5rem', show: 'always', sortable: false, value: ({ time }) => time, cell: ({ time }) => <span title={formatLocal(time) ?? ''}>{formatClock(time)}</span> },
    { id: 'sequence', title: 'Sequence', kind: 'number', width: '7rem', sortable: false, value: ({ sequence }) => sequence },
    { id: 'schema', title: 'Schema', sortable: false, value: ({ schema }) => schema, ...(!severalSchemas && { show: 'chosen' as const }) },
    ...columns,
    { id: 'address', title: 'Address', sortable: false, show: 'chosen', value: ({ address }) => address ?? null },
    { id: 'position', title: 'Position', kind: 'number', width: '12rem', sortable: false, show: 'chosen', value: ({ position }) => position },
  ];
}

/** The fields of the messages at hand, for a queue whose schema is not known or that has several. */
export function fieldsOfMessages(messages: readonly Message[]): FieldHint[] {
  const names = new Map<string, FieldHint>();
  for (const { message } of messages) {
    for (const [name, value] of Object.entries(message)) {
      if (!names.has(name)) {
        names.set(name, { name, type: typeof value === 'number' || typeof value === 'bigint' ? 'i64' : '' });
      }
    }
  }
  return [...names.values()];
}

function kindOf({ name, type }: FieldHint): CellKind {
  if (type.startsWith('timestamp') || /(?:^|_)(?:timestamp|at)$/.test(name)) {
    return 'time';
  }
  return numeric.test(type) ? 'number' : /(?:^|_)id$/.test(name) ? 'id' : 'text';
}

function FieldCell({ field, value, unit }: { field: FieldHint; value: JsonValue | undefined; unit: JsonValue | undefined }) {
  if (value === undefined || value === null) {
    return <span className="soft">–</span>;
  }
  if (isSealed(value)) {
    return <Sealed />;
  }
  if (typeof value === 'object') {
    const text = writeJson(value);
    return <span title={text}>{text.length > longestText ? `${text.slice(0, longestText)}…` : text}</span>;
  }
  const nanos = asTimestamp(field.type.startsWith('timestamp') ? 'timestamp' : field.name, value);
  if (nanos !== null) {
    return <TimeText at={nanos} />;
  }
  if (typeof value === 'string') {
    return looksLikeBytes(value) ? <span className="soft">{value.length / 2} bytes</span> : <span title={value}>{field.name.endsWith('id') ? shortenMiddle(value) : value}</span>;
  }
  return (
    <>
      {formatScalar(value, digits)}
      {typeof unit === 'string' && unit !== '' && <span className="unit"> {unit}</span>}
    </>
  );
}

function textOf(value: JsonValue | undefined): string | number | bigint | null {
  if (value === undefined || value === null) {
    return null;
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? value : writeJson(value);
}
