import type { Message } from '../api/types';

/** Messages kept per queue. This bounds the list and the memory of the page. */
export const keptPerQueue = 100;

/** The newest messages of every queue, newest first. A busy queue never displaces messages of a quiet one. */
export type MessageLog = ReadonlyMap<string, readonly Message[]>;

export const emptyLog: MessageLog = new Map();

export function messageId(message: Message): string {
  return `${message.queue}@${message.position}`;
}

/**
 * Returns the log with more messages. A message replaces the same message in the log only if the log lacks its fields:
 * an event contains the fields of short messages only, and a later answer may contain all fields.
 */
export function withMessages(log: MessageLog, added: readonly Message[]): MessageLog {
  if (added.length === 0) {
    return log;
  }
  const next = new Map(log);
  for (const [queue, messages] of byQueue(added)) {
    const merged = new Map((next.get(queue) ?? []).map((message) => [message.position, message]));
    for (const message of messages) {
      const known = merged.get(message.position);
      if (known === undefined || (known.lacksFields && !message.lacksFields)) {
        merged.set(message.position, message);
      }
    }
    next.set(queue, [...merged.values()].sort(newestFirst).slice(0, keptPerQueue));
  }
  return next;
}

/** The newest messages of one queue, or of all queues if `queue` is null. */
export function newest(log: MessageLog, queue: string | null): readonly Message[] {
  if (queue !== null) {
    return log.get(queue) ?? [];
  }
  return [...log.values()].flat().sort(newestFirst).slice(0, keptPerQueue);
}

/** The messages of each queue, in the order given. */
export function byQueue(messages: readonly Message[]): Map<string, Message[]> {
  const groups = new Map<string, Message[]>();
  for (const message of messages) {
    const group = groups.get(message.queue);
    if (group === undefined) {
      groups.set(message.queue, [message]);
    } else {
      group.push(message);
    }
  }
  return groups;
}

function newestFirst(a: Message, b: Message): number {
  return a.time === b.time ? Number(b.position - a.position) : a.time < b.time ? 1 : -1;
}
