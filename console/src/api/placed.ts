import type { JsonObject } from './json';
import type { Reader } from './reader';
import type { Placed } from './types';

/** Decodes a message with its place in the queue. */
export function decodePlaced(entry: Reader): Placed {
  return {
    position: entry.exact('position'),
    sequence: entry.exact('sequence'),
    time: entry.exact('time'),
    message: fieldsOf(entry),
    ...(entry.has('address') && { address: entry.text('address') }),
  };
}

/** The fields. For a message that cannot be decoded, the host sends the reason and the first bytes instead of the fields. */
export function fieldsOf(entry: Reader): JsonObject {
  if (entry.has('error')) {
    return { reason: entry.text('error'), bytes: entry.optionalText('bytes') };
  }
  return entry.object('message').members;
}
