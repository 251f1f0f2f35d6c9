import { describe, expect, test } from 'vitest';
import { decodeOverview } from '../src/api/decode';
import { decodeHealth } from '../src/api/health';
import { levelOf, troublesOf } from '../src/live/troubles';

const nothing = { version: '1', startedAt: '', uptimeSeconds: 1, adapters: [], queues: [], maps: [], pipelines: [], circuits: [], witnesses: [] };
const adapter = { type: 'mqtt', detail: '', connections: 0, receivedTotal: 0, rejectedTotal: 0, restarts: 0 };
const pipeline = {
  queue: 'q', schema: 'S', output: 'o', resultSchema: 'R', detail: 'full', readTotal: 0, rejectedTotal: 0, lateTotal: 0, droppedTotal: 0,
  ratePerSecond: 0, lagBytes: 0,
};

describe('troubles of a host', () => {
  test('a host without a failing part is healthy', () => {
    const troubles = troublesOf(decodeOverview(nothing), decodeHealth({ status: 'ready', adapters: [] }));
    expect(troubles).toEqual([]);
    expect(levelOf('ready', troubles)).toBe('healthy');
  });

  test('the worst comes first and decides the level', () => {
    const overview = decodeOverview({
      ...nothing,
      adapters: [
        { ...adapter, name: 'slow', state: 'degraded', detail: 'retrying' },
        { ...adapter, name: 'fine', state: 'healthy' },
        { ...adapter, name: 'down', state: 'unhealthy', detail: 'refused' },
      ],
    });
    const troubles = troublesOf(overview, null);
    expect(troubles.map(({ name, severity, reason }) => [name, severity, reason])).toEqual([
      ['down', 'unhealthy', 'refused'],
      ['slow', 'degraded', 'retrying'],
    ]);
    expect(levelOf('degraded', troubles)).toBe('unhealthy');
    expect(levelOf('degraded', troubles.slice(1))).toBe('degraded');
  });

  test('an adapter that is paused and does not work is one trouble with both reasons and remedies', () => {
    const overview = decodeOverview({ ...nothing, adapters: [{ ...adapter, name: 'down', state: 'unhealthy', detail: 'refused', isPaused: true }] });
    expect(troublesOf(overview, null)).toMatchObject([
      { name: 'down', severity: 'unhealthy', reason: 'refused · Paused by an operator.', remedy: expect.stringMatching(/by itself.*Resume/) },
    ]);
  });

  test('reasons that only the health names are troubles too', () => {
    const report = decodeHealth({
      status: 'degraded',
      adapters: [],
      storage: 'The disk is full.',
      audit: 'The audit queue is full.',
      retention: [{ queue: 'orders', reason: 'The clock jumped.' }],
      replication: [{ queue: 'orders', role: 'leader', state: 'failing', detail: 'no broker', kind: 'queue', lagMessages: 0, lagSeconds: 0 }],
    });
    const troubles = troublesOf(decodeOverview(nothing), report);
    expect(troubles.map(({ kind, severity }) => [kind, severity])).toEqual([
      ['Storage', 'unhealthy'],
      ['Replication of', 'degraded'],
      ['Audit', 'degraded'],
      ['Retention of', 'degraded'],
    ]);
  });

  test('a disconnected publisher and a firing alert are troubles, a running one and a pending one are not', () => {
    const part = { queue: 'orders', role: 'publisher', detail: 'no broker', epoch: 1, position: 0, lagMessages: 1, lagBytes: 1, lagSeconds: 1, connectionsTotal: 1, unreadableTotal: 0 };
    const alert = { series: 'host/cpu', comparison: 'above', threshold: 80, forSeconds: 60, since: 1, value: 90, detail: 'above 80' };
    const overview = decodeOverview({
      ...nothing,
      replication: [{ ...part, state: 'disconnected' }, { ...part, queue: 'quotes', state: 'running' }, { ...part, queue: 'trades', state: 'fenced' }],
      alerts: [{ ...alert, name: 'cpu', state: 'firing', severity: 'critical' }, { ...alert, name: 'disk', state: 'pending', severity: 'critical' }],
    });
    expect(troublesOf(overview, null).map(({ kind, name, severity }) => [kind, name, severity])).toEqual([
      ['Replication of', 'trades', 'unhealthy'],
      ['Alert', 'cpu', 'unhealthy'],
      ['Replication of', 'orders', 'degraded'],
    ]);
  });

  test('an alert that fires does not change the health', () => {
    const alert = { name: 'cpu', series: 'host/cpu', comparison: 'above', threshold: 80, forSeconds: 60, since: 1, value: 90, detail: 'above 80', state: 'firing', severity: 'critical' };
    const troubles = troublesOf(decodeOverview({ ...nothing, alerts: [alert] }), decodeHealth({ status: 'ready', alertWebhook: 'refused' }));
    expect(troubles.map(({ kind, severity }) => [kind, severity])).toEqual([['Alert', 'unhealthy'], ['Webhook of', 'paused']]);
    expect(levelOf('ready', troubles)).toBe('healthy');
    expect(levelOf('degraded', troubles)).toBe('degraded');
  });

  test('a map that has stopped is a trouble', () => {
    const map = { name: 'latest', queue: 'q', schema: 'S', key: 'k', entries: 1, ratePerSecond: 0 };
    const overview = decodeOverview({ ...nothing, maps: [map, { ...map, name: 'open', failure: 'The map is full.' }] });
    expect(troublesOf(overview, null)).toMatchObject([{ kind: 'Map', name: 'open', severity: 'degraded', reason: 'The map is full.' }]);
  });

  test('a circuit stands for its outputs, a pipeline of a file for itself', () => {
    const usage = { operations: 0, cpuNanos: 0, memoryBytes: 0, storageBytes: 0, ingressBytes: 0, egressBytes: 0, proofs: 0, retentionByteSeconds: 0 };
    const overview = decodeOverview({
      ...nothing,
      pipelines: [
        { ...pipeline, name: 'fuel.hot', state: 'failing' },
        { ...pipeline, name: 'minutes', state: 'failing' },
      ],
      circuits: [
        { name: 'fuel', version: '1', tenant: '', state: 'failing', detail: 'full', outputs: ['hot'], failures: 1, usage, serviceLevels: [], observations: [] },
      ],
    });
    expect(troublesOf(overview, null).map(({ name }) => name)).toEqual(['fuel', 'minutes']);
  });

  test('a host that starts or stands by is neither healthy nor degraded', () => {
    expect(levelOf('standby', [])).toBe('standby');
    expect(levelOf(null, [])).toBe('unknown');
    expect(levelOf('degraded', [])).toBe('degraded');
  });
});
