import type { JsonValue } from './json';
import { Reader } from './reader';

/** A message of a system queue: its number, its time in nanoseconds and its fields. */
interface SystemRecord {
  sequence: bigint;
  time: bigint;
  fields: Reader;
}

/** Decodes messages of a system queue. */
export function decodeRecords<T>(json: JsonValue, name: string, read: (record: SystemRecord) => T): T[] {
  return Reader.listOf(json, name, (item) => read({ sequence: item.exact('sequence'), time: item.exact('time'), fields: item.object('message') }));
}
