import { queues, type QueueFact } from './fleet.ts';
import { digits } from './noise.ts';
import { deadLetterOf, fieldsOf, hexOf, letterOf } from './records.ts';
import type { MockState } from './state.ts';
import { limitOf, nanos, ok, refuse, type MockAnswer, type MockRequest } from './wire.ts';

/** Positions start here, so that they exceed 2^53 as those of an old log do. */
const firstPosition = 9_007_199_254_740_993n;

/** The number that the next message of a queue gets. */
export function nextSequence(queue: QueueFact, state: MockState): number {
  const seconds = Math.max(0, state.now() - state.startedAt) / 1000;
  return firstSequence(queue) + queue.stored + Math.floor(seconds * queue.rate);
}

/** The number of the oldest stored message. */
export function firstSequence(queue: QueueFact): number {
  return Math.floor(queue.stored / 3);
}

/** When a message was appended, in epoch milliseconds. */
export function timeOf(queue: QueueFact, sequence: number, state: MockState): number {
  const behind = nextSequence(queue, state) - 1 - sequence;
  return state.now() - (behind * 1000) / Math.max(queue.rate, 0.005);
}

/** The number of the first message at or after a time. */
export function sequenceAt(queue: QueueFact, ms: number, state: MockState): number {
  const behind = Math.max(0, ((state.now() - ms) * queue.rate) / 1000);
  return clamp(queue, nextSequence(queue, state) - Math.floor(behind), state);
}

export function messageOf(queue: QueueFact, sequence: number, state: MockState): Record<string, unknown> {
  const ms = timeOf(queue, sequence, state);
  const message = (queue.isDeadLetters === true ? deadLetterOf(queue.name, sequence, ms) : fieldsOf(queue.schema, sequence, ms)) as Record<string, unknown>;
  const device = message.device_id;
  return {
    position: `@${firstPosition + BigInt(sequence) * BigInt(queue.size)}`,
    sequence: `@${sequence}`,
    time: nanos(ms),
    queue: queue.name,
    schema: queue.schema,
    message,
    ...(typeof device === 'string' && { address: `/devices/${device}/telemetry` }),
  };
}

/** The newest messages, oldest first: the answer without `from`. */
export function newest(queue: QueueFact, url: URL, state: MockState): MockAnswer {
  const last = Math.min(Number(url.searchParams.get('last') ?? 50), 1000);
  const next = nextSequence(queue, state);
  const count = Math.min(last, next - firstSequence(queue));
  return ok(Array.from({ length: count }, (_, index) => messageOf(queue, next - count + index, state)));
}

/** One message with its bytes, neighbours and, of a dead letter, its origin. */
export function oneMessage(queue: QueueFact, sequence: number, state: MockState): MockAnswer {
  if (!(sequence >= firstSequence(queue) && sequence < nextSequence(queue, state))) {
    return refuse(404, `Queue '${queue.name}' has no message ${sequence}. Its first is ${firstSequence(queue)}.`);
  }
  const letter = letterOf(queue.name, sequence);
  return ok({
    ...messageOf(queue, sequence, state),
    bytes: digits(`${queue.name}/${sequence}`, queue.size * 2),
    length: queue.size,
    previousSequence: sequence > firstSequence(queue) ? `@${sequence - 1}` : null,
    nextSequence: sequence + 1 < nextSequence(queue, state) ? `@${sequence + 1}` : null,
    witnessed: queue.name === 'orders' || queue.name === 'telemetry',
    ...(queue.isDeadLetters === true && {
      deadLetter: { adapter: letter.source, topic: letter.topic, route: 'devices/{device_id}/telemetry', reason: letter.reason, originalBytes: hexOf(letter.payload) },
    }),
  });
}

/** Stores nothing: the simulated queue is computed. Answers as the host does. */
export function append(queue: QueueFact, request: MockRequest, state: MockState): MockAnswer {
  const { schema } = JSON.parse(request.body) as { schema?: string };
  if (schema !== queue.schema) {
    return refuse(400, `Queue '${queue.name}' stores ${queue.schema}, not ${schema}.`);
  }
  const { position, sequence, time } = messageOf(queue, nextSequence(queue, state), state);
  return { status: 201, body: { position, sequence, time } };
}

/** The queue or partition of this name. */
export function queueNamed(name: string): QueueFact | undefined {
  const whole = queues.find((queue) => queue.name === name);
  if (whole !== undefined) {
    return whole;
  }
  const [, base = '', number = ''] = /^(.*)\.(\d{4})$/.exec(name) ?? [];
  const parent = queues.find((queue) => queue.name === base);
  const partitions = parent?.partitions ?? 0;
  return parent === undefined || Number(number) >= partitions
    ? undefined
    : { ...parent, name, rate: parent.rate / partitions, stored: Math.floor(parent.stored / partitions), partitions: 1 };
}

export function limitOfMessages(url: URL): number {
  return limitOf(url, 100, 1000);
}

export function clamp(queue: QueueFact, sequence: number, state: MockState): number {
  return Math.min(Math.max(sequence, firstSequence(queue)), nextSequence(queue, state));
}
