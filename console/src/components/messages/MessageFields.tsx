import type { JsonObject } from '../../api/json';
import { flatten } from '../../format/fields';
import { FieldValue } from './FieldValue';

/** All fields of a message, nested ones by their path. */
export function MessageFields({ message }: { message: JsonObject }) {
  const { fields, omitted } = flatten(message);
  return (
    <>
      <dl className="fields">
        {fields.map((field) => (
          <div key={field.path}>
            <dt>{field.path}</dt>
            <dd>
              <FieldValue {...field} />
            </dd>
          </div>
        ))}
      </dl>
      {omitted > 0 && <p className="soft">{omitted} more values are not shown; copy the JSON to see them.</p>}
    </>
  );
}
