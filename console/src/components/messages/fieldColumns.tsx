import { writeJson, type JsonObject, type JsonValue } from '../../api/json';
import type { SchemaField } from '../../api/schemas';
import { asTimestamp, formatScalar } from '../../format/fields';
import { looksLikeBytes } from '../../format/hex';
import { shortenMiddle } from '../../format/shorten';
import { TimeText } from '../page/TimeText';
import type { CellKind, Column } from '../table/columns';
import { isSealed, Sealed } from './Sealed';

/** Fields that are shown before the user chooses. */
const shownAtFirst = 6;
const digits = 9;
const longestText = 60;

/** What a column needs to know of a field; without a schema, its name alone. */
export type FieldHint = Pick<SchemaField, 'name' | 'type'>;

const numeric = /^(?:[iu](?:8|16|32|64|128)|f(?:32|64)|decimal)/;

/** A column for each field of a schema. The first ones are shown, the user can choose the others. The unit joins its value. */
export function fieldColumns<T>(fields: readonly FieldHint[], messageOf: (row: T) => JsonObject): Column<T>[] {
  const names = new Set(fields.map(({ name }) => name));
  const unitOf = names.has('value') && names.has('unit') ? 'unit' : null;
  let shown = 0;
  return fields.map((field): Column<T> => {
    const isShown = field.name !== unitOf && shown < shownAtFirst;
    shown += isShown ? 1 : 0;
    return {
      id: `f.${field.name}`,
      title: field.name,
      kind: kindOf(field),
      sortable: false,
      value: (row) => textOf(messageOf(row)[field.name]),
      cell: (row) => <FieldCell field={field} value={messageOf(row)[field.name]} unit={field.name === 'value' && unitOf !== null ? messageOf(row)[unitOf] : undefined} />,
      ...widthOf(field),
      ...(!isShown && { show: 'chosen' as const }),
    };
  });
}

/** The fields of the messages at hand, for a schema that is not known. */
export function fieldsOfMessages(messages: readonly JsonObject[]): FieldHint[] {
  const names = new Map<string, FieldHint>();
  for (const message of messages) {
    for (const [name, value] of Object.entries(message)) {
      if (!names.has(name)) {
        names.set(name, { name, type: typeof value === 'number' || typeof value === 'bigint' ? 'i64' : '' });
      }
    }
  }
  return [...names.values()];
}

/** A text without a limit, such as a reason, gets a wider column. Bytes get a narrower column, because the cell shows only the length. */
function widthOf({ name, type }: FieldHint): { width?: string } {
  if (name === 'reason') {
    return { width: 'minmax(14rem, 4fr)' };
  }
  if (name === 'topic' || (type === 'string' && !/(?:^|_)(?:id|source|name)$/.test(name))) {
    return { width: 'minmax(10rem, 2.5fr)' };
  }
  return type === 'bytes' ? { width: '7rem' } : name === 'source' ? { width: 'minmax(5rem, 8rem)' } : {};
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
