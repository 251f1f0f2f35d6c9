import { adapters, type AdapterFact } from './fleet.ts';
import { nextSequence, queueNamed, timeOf } from './messages.ts';
import { daily, walk } from './noise.ts';
import { letterOf, letters } from './records.ts';
import type { MockState } from './state.ts';
import { tablesOf } from './tables.ts';
import { ok, type MockAnswer } from './wire.ts';

export function adapterRow(adapter: AdapterFact, state: MockState): Record<string, unknown> {
  const seconds = (state.now() - state.startedAt) / 1000;
  const isPaused = state.pausedAdapters.has(adapter.name);
  return {
    name: adapter.name,
    type: adapter.type,
    state: isPaused && adapter.state === 'healthy' ? 'degraded' : adapter.state,
    detail: isPaused
      ? `Paused by an operator. Resume the adapter with PUT /api/adapters/${adapter.name}/resume. ${adapter.state === 'healthy' ? '' : adapter.detail}`.trim()
      : adapter.detail,
    connections: isPaused ? 0 : adapter.connections,
    receivedTotal: Math.floor(40_000 + seconds * adapter.rate * 0.8),
    rejectedTotal: adapter.rejected,
    restarts: adapter.restarts ?? 0,
    deviceCount: adapter.devices ?? 0,
    waitingPaymentCount: adapter.payments ?? 0,
    isPaused,
  };
}

/** `GET /api/adapters/NAME`. */
export function adapterDetail(adapter: AdapterFact, state: MockState): MockAnswer {
  const isPaused = state.pausedAdapters.has(adapter.name);
  return ok({
    ...adapterRow(adapter, state),
    pauseReasons: isPaused ? ['operator'] : [],
    queues: adapter.queues,
    deadLetters: adapter.deadLetters,
    egress: adapter.egress ?? [],
    rejections: rejectionsOf(adapter, state),
    tables: tablesOf(adapter).map(({ name, title, total }) => ({ name, title, total })),
  });
}

/** Returns the reasons of the dead letters of an adapter. The sum of the counts is the number of rejected messages. */
function rejectionsOf(adapter: AdapterFact, state: MockState): unknown[] {
  const queue = queueNamed(adapter.deadLetters);
  const found = [...new Set((letters[adapter.deadLetters] ?? []).filter(({ source }) => source === adapter.name).map(({ reason }) => reason))];
  if (adapter.rejected === 0 || queue === undefined) {
    return [];
  }
  let left = adapter.rejected;
  return found.map((reason, index) => {
    const count = index === found.length - 1 ? left : Math.floor(left * 0.6);
    left -= count;
    let last = nextSequence(queue, state) - 1;
    while (letterOf(queue.name, last).source !== adapter.name || letterOf(queue.name, last).reason !== reason) {
      last--;
    }
    return { reason: reason.split(':')[0], detail: reason, count, lastAt: timeOf(queue, last, state), lastSequence: `@${last}` };
  });
}

export function devicesOf(adapter: AdapterFact, state: MockState): unknown[] {
  const isModbus = adapter.type === 'modbus-client';
  return Array.from({ length: adapter.devices ?? 0 }, (_, index) => {
    const fails = isModbus && index === 7;
    return {
      name: isModbus ? `boiler-${index}` : adapter.type === 'dnp3-master' ? `bay-${index + 1}` : 'line-3',
      address: `10.2.0.${10 + index}:${isModbus ? 502 : 20_000}`,
      state: fails ? 'unhealthy' : 'healthy',
      detail: fails ? 'no answer in 2 s (6 times in a row)' : '',
      polls: 188_204 - index * 11,
      errors: fails ? 412 : index % 3,
      lastPollAt: fails ? state.now() - 190_000 : state.now() - 240 - index * 31,
      jitterMicros: fails ? null : 180 + index * 17,
    };
  });
}

export function paymentsOf(adapter: AdapterFact, state: MockState): unknown[] {
  return Array.from({ length: adapter.payments ?? 0 }, (_, index) => ({
    messageId: `M-${20_261_130_400 + Math.floor(index / 2)}`,
    index: index % 2,
    endToEndId: index % 5 === 0 ? null : `E2E-${9_100 + index}`,
    isReceived: index % 4 !== 0,
    status: index % 4 === 1 ? 'PDNG' : null,
    recordedAt: state.now() - 900_000 + index * 20_000,
    deadlineAt: state.now() + 900_000 + index * 20_000,
  }));
}

/** The part of a component that an adapter runs, or undefined for a built-in adapter. */
export function componentOf(adapter: AdapterFact): unknown {
  return adapter.name !== 'plant-7'
    ? undefined
    : { adapter: adapter.name, component: '@acme/plant-mqtt', version: '2.3.1', root256: '9f2c41d0a8b7e6f5', permissions: ['network: mqtt.plant-7.internal:8883'] };
}

/** Requests per second now, for the metrics of one adapter. */
export function receivedRate(adapter: AdapterFact, ms: number): number {
  return adapter.state === 'unhealthy' ? 0 : Math.max(0, adapter.rate * daily(ms) * (1 + 0.18 * walk(`${adapter.name}/received`, ms / 1000)));
}

export function adapterNamed(name: string | undefined): AdapterFact | undefined {
  return adapters.find((adapter) => adapter.name === name);
}
