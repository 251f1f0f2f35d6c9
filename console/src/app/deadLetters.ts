import { useCallback } from 'react';
import { fetchAdapter } from '../api/adapters';
import { searchMessages } from '../api/messages';
import { useFetch } from '../live/useFetch';
import { addresses } from './addresses';

/** The longest filter that the host accepts. */
const longestFilter = 1024;
/** The maximum number of parents of one depth that a filter names. More parents are names of devices, not a structure of topics. */
const mostParents = 8;
const sampled = 100;

/**
 * Returns the address of a dead-letter queue with a filter. The filter selects the dead letters of `adapter` ('' for all
 * adapters) whose topic has the levels of `text`, such as `pump-7` or `devices/pump-7` ('' for all topics). `topics` are
 * topics of the queue. The expression language finds a text only at the beginning of a topic, so the filter names each
 * parent of devices.
 */
export function deadLettersAddress(queue: string, adapter: string, text: string, topics: readonly string[]): string {
  const levels = text.trim().replace(/^\/|(?:\/#?)+$/g, '');
  const source = adapter === '' ? '' : `source == ${quoted(adapter)}`;
  const filter = levels === '' ? source : withTopics(source, parentsOf(levels, topics).map((parent) => parent + levels));
  return `${addresses.queue(queue)}?${new URLSearchParams({ schema: 'DeadLetter', filter })}`;
}

/** The answer of {@link fetchTopics}; empty until the host answers. */
export function useDeadLetterTopics(queue: string, adapter: string): readonly string[] {
  const load = useCallback((signal: AbortSignal) => fetchTopics(queue, adapter, signal), [queue, adapter]);
  return useFetch(queue === '' ? null : load).data ?? none;
}

const none: readonly string[] = [];

/** Returns each dead-letter queue of the adapters once. Leaves out adapters that the user may not see. */
export async function fetchDeadLetterQueues(adapters: readonly string[], signal: AbortSignal): Promise<string[]> {
  const answers = await Promise.allSettled(adapters.map((name) => fetchAdapter(name, signal)));
  return [...new Set(answers.flatMap((one) => (one.status === 'fulfilled' && one.value.deadLetters !== '' ? [one.value.deadLetters] : [])))];
}

/** Returns topics of the newest dead letters of `adapter` ('' for all adapters). */
export async function fetchTopics(queue: string, adapter: string, signal: AbortSignal): Promise<string[]> {
  const topics = new Set<string>();
  const filter = adapter === '' ? '' : `source == ${quoted(adapter)}`;
  const request = { from: 'last:1', limit: sampled, schema: 'DeadLetter', filter, lattice: '', path: '', direction: 'backward' } as const;
  await searchMessages(
    queue,
    request,
    { messages: (found) => found.forEach(({ message: { topic } }) => typeof topic === 'string' && topics.add(topic)), progress: () => undefined },
    signal,
  );
  return [...topics];
}

/**
 * Returns the beginnings that may precede `text` in a topic: the empty text, the parents of `text` in `topics`, the parents
 * of the first depth, and deeper parents with more children than their depth has parents.
 */
function parentsOf(text: string, topics: readonly string[]): string[] {
  const parents = new Set(['']);
  const children: Map<string, Set<string>>[] = [];
  for (const topic of topics) {
    const levels = topic.split('/');
    for (let depth = 1; depth < levels.length; depth++) {
      const parent = `${levels.slice(0, depth).join('/')}/`;
      if (`${topic}/`.startsWith(`${parent}${text}/`)) {
        parents.add(parent);
      }
      const ofDepth = (children[depth] ??= new Map());
      ofDepth.set(parent, (ofDepth.get(parent) ?? new Set()).add(levels[depth]!));
    }
  }
  children.forEach((ofDepth, depth) => {
    if (ofDepth.size <= mostParents) {
      ofDepth.forEach((names, parent) => (depth === 1 || names.size > ofDepth.size) && !`/${parent}`.endsWith(`/${text}/`) && parents.add(parent));
    }
  });
  return [...parents];
}

function withTopics(source: string, beginnings: readonly string[]): string {
  const filterOf = (conditions: readonly string[]): string => (source === '' ? conditions.join(' or ') : `${source} and (${conditions.join(' or ')})`);
  let filter = '';
  const conditions: string[] = [];
  for (const beginning of beginnings) {
    conditions.push(`topic == ${quoted(beginning)}`, `startsWith(topic, ${quoted(`${beginning}/`)})`);
    const longer = filterOf(conditions);
    if (filter !== '' && longer.length > longestFilter) {
      break;
    }
    filter = longer;
  }
  return filter;
}

/** Returns a text literal of the expression language (docs/formats/expressions.md). */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
