import { useCallback } from 'react';
import { StatusError } from '../api/http';
import { fetchSchema, type SchemaField } from '../api/schemas';
import { useFetch } from './useFetch';

/** The fields of a schema; null if its name is '', it is not known, or the answer has not come. */
export function useSchemaFields(schema: string): SchemaField[] | null {
  const load = useCallback(
    async (signal: AbortSignal) => {
      try {
        return (await fetchSchema(schema, signal)).fields;
      } catch (error) {
        if (error instanceof StatusError) {
          return null; // Without the schema, the fields of the messages are the columns.
        }
        throw error;
      }
    },
    [schema],
  );
  return useFetch(schema === '' ? null : load).data;
}
