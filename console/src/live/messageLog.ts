import type { Message } from '../api/types';

/** Messages kept per queue: what the list can show, and a limit on what a fast host can make the page hold. */
export const keptPerQueue = 100;

/** The newest messages of every queue, newest first. A quiet queue is never pushed out by a busy one. */
export type MessageLog = ReadonlyMap<string, readonly Message[]>;

export const emptyLog: MessageLog = new Map();

export function messageId(message: Message): string {
  return `${message.queue}@${message.position}`;
}

/** The log with these messages added; ones it already holds are ignored. */
export function withMessages(log: MessageLog, added: readonly Message[]): MessageLog {
  if (added.length === 0) {
    return log;
  }
  const next = new Map(log);
  for (const [queue, messages] of byQueue(added)) {
    const known = next.get(queue) ?? [];
    const positions = new Set(known.map((message) => message.position));
    const merged = [...known];
    for (const message of messages) {
      if (!positions.has(message.position)) {
        positions.add(message.position);
        merged.push(message);
      }
    }
    merged.sort(newestFirst);
    next.set(queue, merged.slice(0, keptPerQueue));
  }
  return next;
}

/** The newest messages of one queue, or of all. */
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
