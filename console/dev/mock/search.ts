import type { QueueFact } from './fleet.ts';
import { compileFilter } from './filter.ts';
import { clamp, firstSequence, limitOfMessages, messageOf, nextSequence, sequenceAt, timeOf } from './messages.ts';
import type { MockState } from './state.ts';
import { nanos } from './wire.ts';

/** Messages that the simulated host reads in one step, and the pause after it. */
const stepMessages = 250_000;
const stepMs = 200;

/** A search reads at most this many messages before it ends with the reason `budget`. */
const budget = 10_000_000;

/** The share of messages that a filter matches, in a long queue and in a short one. */
const oneInLong = 40_000;
const oneInShort = 4;
const shortQueue = 100_000;

/** The lines of a search: messages, progress twice a second, and the end. */
export async function* search(queue: QueueFact, url: URL, state: MockState): AsyncGenerator<unknown> {
  const backward = url.searchParams.get('direction') === 'backward';
  const isFiltered = ['filter', 'lattice', 'path', 'schema'].some((name) => (url.searchParams.get(name) ?? '') !== '');
  const matches = queue.isDeadLetters === true ? compileFilter(url.searchParams.get('filter') ?? '') : null;
  const limit = limitOfMessages(url);
  const start = startOf(queue, url, state);
  const end = backward ? firstSequence(queue) - 1 : nextSequence(queue, state);
  const step = backward ? -1 : 1;
  const oneIn = queue.stored < shortQueue ? oneInShort : oneInLong;
  let matched = 0;
  let scanned = 0;
  let at = start;
  for (; at !== end && matched < limit && scanned < budget; at += step) {
    scanned++;
    const message = !isFiltered || matches !== null || at % oneIn === 0 ? messageOf(queue, at, state) : null;
    if (message !== null && (matches === null || matches(message.message as Record<string, unknown>))) {
      matched++;
      yield { message };
    }
    if (scanned % stepMessages === 0) {
      yield { progress: { sequence: `@${at}`, time: nanos(timeOf(queue, at, state)), scanned, matched, fraction: Math.abs(at - start) / Math.max(1, Math.abs(end - start)) } };
      await new Promise((resolve) => setTimeout(resolve, stepMs));
    }
  }
  const after = backward ? start + 1 : at;
  const before = backward ? at : start - 1;
  yield {
    end: {
      reason: matched >= limit ? 'limit' : scanned >= budget ? 'budget' : 'end',
      scanned,
      matched,
      nextSequence: after < nextSequence(queue, state) ? `@${after}` : null,
      previousSequence: before >= firstSequence(queue) ? `@${before}` : null,
    },
  };
}

/** The messages of an export, one a line. */
export async function* exported(queue: QueueFact, url: URL, state: MockState): AsyncGenerator<unknown> {
  const start = startOf(queue, url, state);
  const end = Math.min(nextSequence(queue, state), start + 1000);
  for (let at = start; at < end; at++) {
    yield messageOf(queue, at, state);
  }
}

function startOf(queue: QueueFact, url: URL, state: MockState): number {
  const [kind, value = ''] = split(url.searchParams.get('from') ?? 'last:100');
  switch (kind) {
    case 'seq':
      return clamp(queue, Number(value), state);
    case 'position':
      return clamp(queue, Number((BigInt(value) - 9_007_199_254_740_993n) / BigInt(queue.size)), state);
    case 'time':
      return sequenceAt(queue, /^\d+$/.test(value) ? Number(BigInt(value) / 1_000_000n) : Date.parse(value), state);
    default:
      return clamp(queue, nextSequence(queue, state) - Number(value), state);
  }
}

function split(text: string): [string, string] {
  const colon = text.indexOf(':');
  return colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
}
