import { expect, test } from 'vitest';
import { decodeDevices, decodeOverview, decodeWaitingPayments } from '../src/api/decode';
import { decodeEntryPage } from '../src/api/maps';
import { decodeLine } from '../src/api/messages';

const place = { position: 256, sequence: 0, time: 1 };

test('a message keeps its position and its fields', () => {
  expect(decodeLine({ message: { ...place, schema: 'IoTTelemetry', message: { value: 1 } } }, 'telemetry')).toEqual({
    message: { position: 256n, sequence: 0n, time: 1n, queue: 'telemetry', schema: 'IoTTelemetry', message: { value: 1 } },
  });
});

test('a message that cannot be decoded is shown as its bytes with the reason', () => {
  const undecoded = { ...place, schema: '00000000000000ff', message: {}, error: 'no schema with this id', bytes: 'ff00' };
  const page = decodeEntryPage({ entries: [{ ...undecoded, key: 'pump-7' }, { key: 'a', version: 1, error: 'no schema with this id', bytes: 'ff00' }], total: 2 });

  expect(decodeLine({ message: undecoded }, 'telemetry')).toMatchObject({ message: { message: { reason: 'no schema with this id', bytes: 'ff00' } } });
  expect(page.entries.map(({ message }) => message)).toEqual([
    { reason: 'no schema with this id', bytes: 'ff00' },
    { reason: 'no schema with this id', bytes: 'ff00' },
  ]);
});

test('any other answer is rejected', () => {
  expect(() => decodeLine({ message: { ...place, schema: 'IoTTelemetry' } }, 'telemetry')).toThrow('message.message is missing');
});

test('a pipeline keeps its numbers, and an unknown state counts as failing', () => {
  const pipeline = {
    name: 'hot', queue: 'telemetry', schema: 'estream.iot.IoTTelemetry', output: 'hot', resultSchema: 'acme.boiler.Hot', detail: 'no room',
    readTotal: 5, rejectedTotal: 1, lateTotal: 2, droppedTotal: 3, ratePerSecond: 0.5, lagBytes: 6,
  };
  const host = { version: '1', startedAt: '2026-11-20T00:00:00Z', uptimeSeconds: 1, adapters: [], queues: [], maps: [] };

  const overview = decodeOverview({ ...host, pipelines: [{ ...pipeline, state: 'running' }, { ...pipeline, state: 'resting' }], circuits: [], witnesses: [] });

  expect(overview.pipelines).toEqual([{ ...pipeline, state: 'running' }, { ...pipeline, state: 'failing' }]);
  expect(() => decodeOverview(host)).toThrow('pipelines');
});

test('a witness keeps its numbers, and has no last attestation before the first', () => {
  const witness = { state: 'running', detail: '', attestedTotal: 5, waiting: 1, ratePerSecond: 0.5 };
  const host = { version: '1', startedAt: '2026-11-20T00:00:00Z', uptimeSeconds: 1, adapters: [], queues: [], maps: [], pipelines: [], circuits: [] };

  const overview = decodeOverview({
    ...host,
    witnesses: [{ ...witness, queue: 'a', lastAttestedAt: '2026-11-20T00:00:01.5+00:00' }, { ...witness, queue: 'b', state: 'resting', lastAttestedAt: null }],
  });

  expect(overview.witnesses).toEqual([
    { ...witness, name: 'a', lastAttestedAt: Date.UTC(2026, 10, 20, 0, 0, 1, 500) },
    { ...witness, name: 'b', state: 'failing', lastAttestedAt: null },
  ]);
});

test('a circuit keeps its usage, and an unknown state counts as failing', () => {
  const usage = { operations: 1, cpuNanos: 2, memoryBytes: 3, storageBytes: 4, ingressBytes: 5, egressBytes: 6, proofs: 7 };
  const level = { name: 'latency', promised: 'p99 <= 50 ms', measured: 'p99 60 ms' };
  const circuit = { name: 'acme.a.v1', version: '1.0.0', tenant: 'acme', detail: '', outputs: ['out'], failures: 0, usage, serviceLevels: [] };
  const observations = [{ p99Ms: 1.5 }, { p99Ms: null }, { p99Ms: 2.5 }];
  const host = { version: '1', startedAt: '2026-11-20T00:00:00Z', uptimeSeconds: 1, adapters: [], queues: [], maps: [], pipelines: [], witnesses: [] };

  const overview = decodeOverview({ ...host, circuits: [{ ...circuit, state: 'held', observations }, { ...circuit, state: 'resting', observations: [] }, { ...circuit, state: 'breached', observations, serviceLevels: [{ ...level, brokenSince: '2026-11-20T00:00:00Z' }, { ...level, brokenSince: null }] }] });

  expect(overview.circuits).toEqual([{ ...circuit, state: 'held', p99Ms: 2.5 }, { ...circuit, state: 'failing', p99Ms: null }, { ...circuit, state: 'breached', p99Ms: 2.5, serviceLevels: [{ ...level, isKept: false }, { ...level, isKept: true }] }]);
});

test('a publisher and a subscriber keep their numbers and states', () => {
  const publisher = {
    name: 'out', role: 'publisher', queue: 'telemetry', endPoint: '239.1.2.3:4711', state: 'waiting', detail: '', transport: 'udp',
    fallback: 'AF_XDP needs an interface.', receivers: 1, packetsTotal: 2, lossesTotal: 3, naksTotal: 4, retransmitsTotal: 5,
    restoredTotal: 6, invalidTotal: 7, droppedTotal: 8, lagBytes: 9,
  };
  const subscriber = { ...publisher, name: 'in', role: 'subscriber', state: 'catching up', fallback: '' };
  const host = { version: '1', startedAt: '2026-11-20T00:00:00Z', uptimeSeconds: 1, adapters: [], queues: [], maps: [], pipelines: [], circuits: [], witnesses: [] };

  expect(decodeOverview({ ...host, multicast: [publisher, subscriber] }).multicast).toEqual([publisher, subscriber]);
  expect(decodeOverview(host).multicast).toEqual([]);
});

test('a card keeps its numbers, and counts as hardware only if the host says so', () => {
  const card = {
    name: 'sim:', engines: 'append', detail: '', answered: 1, unanswered: 2, failures: 3,
    appends: 4, mapChanges: 5, mapEntries: 6, leafHashes: 7, hotHits: 8, hotMisses: 9,
  };
  const host = { version: '1', startedAt: '2026-11-20T00:00:00Z', uptimeSeconds: 1, adapters: [], queues: [], maps: [], pipelines: [], circuits: [], witnesses: [] };

  const overview = decodeOverview({
    ...host,
    cards: [{ ...card, isSimulated: true, state: 'running' }, { ...card, isSimulated: false, state: 'resting' }, { ...card, state: 'running' }],
  });

  expect(overview.cards).toEqual([
    { ...card, simulated: true, state: 'running' },
    { ...card, simulated: false, state: 'failing' },
    { ...card, simulated: true, state: 'running' },
  ]);
  expect(decodeOverview(host).cards).toEqual([]);
  expect(decodeOverview(host).quarantined).toEqual([]);
  const part = { kind: 'queue', name: 'q', file: '/q/0.seg', reason: 'It was truncated.' };
  expect(decodeOverview({ ...host, quarantined: [part] }).quarantined).toEqual([{ kind: 'queue', name: 'q', reason: 'It was truncated.' }]);
});

test('a device keeps its numbers, and what it does not have is null', () => {
  const device = { name: 'plc', address: '10.0.0.5:502', state: 'degraded', detail: 'Timeout.', polls: 7, errors: 1 };
  expect(decodeDevices([{ ...device, lastPollAt: 1700000000123, jitterMicros: 250 }, { ...device, state: 'asleep', lastPollAt: null }])).toEqual([
    { ...device, lastPollAt: 1700000000123, jitterMicros: 250 },
    { ...device, state: 'unhealthy', lastPollAt: null, jitterMicros: null },
  ]);
  expect(() => decodeDevices([{ name: 'plc' }])).toThrow('address');
});

test('a payment keeps its times, and what it does not have is null', () => {
  const payment = { messageId: 'M-1', index: 0, isReceived: false, recordedAt: 1700000000123, deadlineAt: 1700000060123 };
  expect(decodeWaitingPayments([{ ...payment, endToEndId: 'E-1', isReceived: true, status: 'PDNG' }, { ...payment, endToEndId: null }])).toEqual([
    { ...payment, endToEndId: 'E-1', isReceived: true, status: 'PDNG' },
    { ...payment, endToEndId: null, status: null },
  ]);
  expect(() => decodeWaitingPayments([{ index: 0 }])).toThrow('messageId');
});
