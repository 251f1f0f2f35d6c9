import { searchMessages } from '../../../api/messages';
import type { Message } from '../../../api/types';

/** The newest messages of a queue, at most 1,000, oldest first. */
export async function newestMessages(queue: string, count: number, signal: AbortSignal): Promise<Message[]> {
  const found: Message[] = [];
  const request = { from: `last:${count}`, limit: count, schema: '', filter: '', lattice: '', path: '', direction: 'forward' as const };
  await searchMessages(queue, request, { messages: (messages) => found.push(...messages), progress: () => undefined }, signal);
  return found;
}
