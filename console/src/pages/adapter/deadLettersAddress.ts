import { addresses } from '../../app/addresses';

/** The page of a dead-letter queue with the letters of one adapter whose topic begins with a text; with '', all of the adapter. */
export function deadLettersAddress(queue: string, adapter: string, topic: string): string {
  const conditions = [`source == ${quoted(adapter)}`, ...(topic === '' ? [] : [`startsWith(topic, ${quoted(topic)})`])];
  return `${addresses.queue(queue)}?${new URLSearchParams({ schema: 'DeadLetter', filter: conditions.join(' and ') })}`;
}

/** A text of the expression language (docs/formats/expressions.md). */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
