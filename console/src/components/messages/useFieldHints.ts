import { useMemo } from 'react';
import type { JsonObject } from '../../api/json';
import { useSchemaFields } from '../../live/useSchemaFields';
import { fieldsOfMessages, type FieldHint } from './fieldColumns';

/** The most messages that are looked at for their fields. */
const sampled = 20;

/** The fields that the columns of messages show: those of the schema if it fits the messages, otherwise those of the messages. */
export function useFieldHints(schema: string, messages: readonly JsonObject[]): FieldHint[] {
  const fields = useSchemaFields(schema);
  const found = fieldsOfMessages(messages.slice(0, sampled));
  const fits = fields !== null && (found.length === 0 || found.some(({ name }) => fields.some((field) => field.name === name)));
  const text = JSON.stringify(fits ? fields.map(({ name, type }) => ({ name, type })) : found);
  return useMemo(() => JSON.parse(text) as FieldHint[], [text]);
}
