import type { SchemaField } from '../../api/schemas';

/** The fields of a schema in order; those of an object follow it, with their full names. */
export function flatFields(fields: readonly SchemaField[], prefix = ''): SchemaField[] {
  return fields.flatMap((field) => {
    const name = prefix + field.name;
    return [{ ...field, name }, ...flatFields(field.fields, `${name}${field.type.startsWith('array(') ? '[]' : ''}.`)];
  });
}
