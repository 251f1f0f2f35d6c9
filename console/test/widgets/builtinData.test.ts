import { describe, expect, test } from 'vitest';
import { answer } from '../../dev/mock/answers.ts';
import { MockState } from '../../dev/mock/state.ts';
import { toWireJson } from '../../dev/mock/wire.ts';
import { decodeAlerts } from '../../src/api/alerts';
import { decodeCircuitDescription } from '../../src/api/circuits';
import { decodeAttestations, decodeOverview } from '../../src/api/decode';
import { decodeHistory } from '../../src/api/history';
import { parseJson, type JsonObject, type JsonValue } from '../../src/api/json';
import { decodeEntryPage } from '../../src/api/maps';
import type { Message } from '../../src/api/types';
import { countsOf, missingNames, shownAdapters } from '../../src/widgets/builtin/adapter-health/adapterHealth';
import { alertRows } from '../../src/widgets/builtin/alerts/alertRows';
import { addedMessages, attestationRows } from '../../src/widgets/builtin/attestations/attestationRows';
import { amount, estimateOf, formatGrams, formatWattHours } from '../../src/widgets/builtin/carbon-impact/carbon';
import { noteOf, ratesOf } from '../../src/widgets/builtin/circuit-graph/circuitRates';
import { cardFigures, chosenCard } from '../../src/widgets/builtin/fpga-card/cardFigures';
import { builtinWidgets } from '../../src/widgets/builtin/index';
import { distributionOf } from '../../src/widgets/builtin/latency/latency';
import { defaultMap, isPlain, keyFieldOf } from '../../src/widgets/builtin/map-browser/mapBrowser';
import { usageRows } from '../../src/widgets/builtin/metering/usageRows';
import { chosenHints, defaultQueue } from '../../src/widgets/builtin/queue-tail/queueTail';
import { busiestAdapters, chosenQueues, seriesOf } from '../../src/widgets/builtin/rates/rates';
import { copiesOf } from '../../src/widgets/builtin/replication/copies';
import { choiceIn, namesIn, numberIn, textIn } from '../../src/widgets/builtin/shared/config';
import { recordedOf } from '../../src/widgets/builtin/shared/HistoryFigure';
import { rangeOf } from '../../src/widgets/builtin/shared/useWidgetTime';
import { nextSample } from '../../src/widgets/builtin/topology/receivedRates';
import { around, bounded, topologyOf } from '../../src/widgets/builtin/topology/topology';
import { layoutOf } from '../../src/widgets/builtin/topology/topologyLayout';
import { defaultQueue as defaultExecutions, priceFormatOf, summariesOf, tradesOf, type Mapping } from '../../src/widgets/builtin/trading-blotter/blotter';

const now = Date.UTC(2026, 10, 30, 14, 2, 11);
const state = new MockState(() => now);
const ask = (path: string): JsonValue => parseJson(toWireJson(answer({ method: 'GET', url: new URL(path, 'http://mock'), body: '' }, state)!.body));
const overview = decodeOverview(ask('/api/overview'));
const hour = 3_600_000;

describe('the list of built-in widgets', () => {
  test('has fourteen ids, each with a title, a description and a size within its bounds', () => {
    expect(builtinWidgets.map(({ id }) => id).sort()).toEqual(
      ['adapter-health', 'alerts', 'attestations', 'carbon-impact', 'circuit-graph', 'fpga-card', 'latency', 'map-browser', 'metering', 'queue-tail', 'rates', 'replication', 'topology', 'trading-blotter'].map((name) => `builtin/${name}`),
    );
    for (const { title, description, minSize, defaultSize, maxSize } of builtinWidgets) {
      expect(title).not.toBe('');
      expect(description).toMatch(/\.$/);
      expect(minSize.cols <= defaultSize.cols && defaultSize.cols <= maxSize.cols && maxSize.cols <= 12).toBe(true);
      expect(minSize.rows <= defaultSize.rows && defaultSize.rows <= maxSize.rows).toBe(true);
    }
  });

  test('has a title and a default for each setting, and the format of each setting that names a part', () => {
    const formats: Record<string, string> = {};
    for (const { id, configSchema } of builtinWidgets) {
      for (const [name, property] of Object.entries(configSchema!.properties as Record<string, JsonObject>)) {
        expect([id, name, typeof property.title, property.default === undefined]).toEqual([id, name, 'string', false]);
        const format = property.format ?? (property.items as JsonObject | undefined)?.format;
        if (format !== undefined) {
          formats[`${id} ${name}`] = String(format);
        }
      }
    }
    expect(formats).toMatchObject({
      'builtin/rates queues': 'estream-queue', 'builtin/rates adapters': 'estream-adapter', 'builtin/latency adapter': 'estream-adapter', 'builtin/queue-tail queue': 'estream-queue',
      'builtin/map-browser map': 'estream-map', 'builtin/adapter-health adapters': 'estream-adapter', 'builtin/circuit-graph circuit': 'estream-circuit', 'builtin/trading-blotter queue': 'estream-queue',
    });
  });
});

test('a setting of another type than its schema says is the default, and a number stays within its bounds', () => {
  const config = { name: 7, rows: 9999, share: 'x', view: 'upside down', names: ['a', ' b ', 'a', 4, ''], list: 'x, y' };
  expect(textIn(config, 'name')).toBe('');
  expect(numberIn(config, 'rows', [5, 30, 200])).toBe(200);
  expect(numberIn(config, 'share', [5, 30, 200])).toBe(30);
  expect(choiceIn(config, 'view', ['lines', 'table'])).toBe('lines');
  expect(namesIn(config, 'names', 5)).toEqual(['a', 'b']);
  expect(namesIn(config, 'names', 1)).toEqual(['a']);
  expect(namesIn(config, 'list', 5)).toEqual(['x', 'y']);
});

test('a live range has a name, so that it does not change with each moment', () => {
  expect(rangeOf(now - hour + 700, now, true)).toEqual({ kind: 'last', name: '1h' });
  expect(rangeOf(now - hour, now, false)).toEqual({ kind: 'fixed', from: now - hour, to: now });
  expect(rangeOf(now - 1.5 * hour, now, true)).toMatchObject({ kind: 'fixed' });
});

test('series that the host does not record are left out', () => {
  expect(recordedOf(seriesOf('queues', ['orders', 'nothing']), ['queue/orders/rate', 'queue/orders/bytes'])).toEqual([{ name: 'queue/orders/rate', label: 'orders' }]);
  expect(seriesOf('adapters', ['devices'])).toEqual([{ name: 'adapter/devices/received', label: 'devices' }]);
});

test('the rates show chosen queues in their order, or the adapters that received the most', () => {
  expect(chosenQueues(overview.queues, ['payments', 'nothing', 'orders']).map(({ name }) => name)).toEqual(['payments', 'orders']);
  const totals = new Map(overview.adapters.map(({ name, receivedTotal }) => [name, receivedTotal]));
  const busiest = busiestAdapters(overview.adapters, 3).map((name) => totals.get(name)!);
  expect(busiest).toHaveLength(3);
  expect(busiest[0]).toBe(Math.max(...totals.values()));
});

describe('the distribution of latencies', () => {
  const series = (mean: (number | null)[]) => ({ mean });

  test('without a value is empty', () => {
    expect(distributionOf([series([null, 0])])).toEqual([]);
    expect(distributionOf([])).toEqual([]);
  });

  test('counts the share of steps in each bucket of 1, 2 and 5', () => {
    expect(distributionOf([series([0.001, 0.0012, null, 0.003]), series([0.002])])).toEqual([
      { label: '1.0 ms – 2.0 ms', shares: [2 / 3, 0] },
      { label: '2.0 ms – 5.0 ms', shares: [1 / 3, 1] },
    ]);
  });

  test('has a limit, and its first bucket has everything below', () => {
    const buckets = distributionOf([series([1e-9, 1e-7, 100])]);
    expect(buckets).toHaveLength(24);
    expect(buckets[0]!.label).toMatch(/^up to /);
    expect(buckets.reduce((sum, { shares }) => sum + shares[0]!, 0)).toBeCloseTo(1);
  });

  test('of the recorded history adds up to one for each percentile', () => {
    const { series: recorded } = decodeHistory(ask('/api/history?series=adapter/devices/p50&series=adapter/devices/p99'));
    const buckets = distributionOf(recorded);
    for (const index of [0, 1]) {
      expect(buckets.reduce((sum, { shares }) => sum + shares[index]!, 0)).toBeCloseTo(1);
    }
  });
});

test('the newest messages show the chosen fields, also one that the schema lacks', () => {
  const hints = [{ name: 'a', type: 'u64' }, { name: 'b', type: 'string' }];
  expect(chosenHints(hints, [])).toEqual(hints);
  expect(chosenHints(hints, ['b', 'c'])).toEqual([{ name: 'b', type: 'string' }, { name: 'c', type: '' }]);
  expect(defaultQueue([])).toBe('');
  expect(overview.queues.every(({ ratePerSecond }) => ratePerSecond <= overview.queues.find(({ name }) => name === defaultQueue(overview.queues))!.ratePerSecond)).toBe(true);
});

test('a map of messages shows the field of its keys as the key, and a map of values has none', () => {
  const messages = decodeEntryPage(ask('/api/maps/latest?limit=20')).entries;
  expect(isPlain(messages)).toBe(false);
  expect(keyFieldOf(messages)).toBe('device_id');
  expect(keyFieldOf(decodeEntryPage(ask('/api/maps/plc-latest?limit=20')).entries)).not.toBe('device');
  const values = decodeEntryPage(ask('/api/maps/sessions?limit=20')).entries;
  expect(isPlain(values)).toBe(true);
  expect(keyFieldOf(values)).toBe('');
  expect(keyFieldOf([])).toBe('');
  expect(defaultMap([{ name: 'empty', entries: 0 }, { name: 'full', entries: 2 }])).toBe('full');
});

test('adapters with trouble come first, and a name without an adapter is reported', () => {
  const rows = shownAdapters(overview.adapters, [], 'all');
  expect(rows[0]!.state).toBe('unhealthy');
  expect(rows).toHaveLength(overview.adapters.length);
  expect(shownAdapters(overview.adapters, [], 'with trouble').some(({ state: one }) => one === 'healthy')).toBe(false);
  expect(shownAdapters(overview.adapters, ['devices'], 'all').map(({ name }) => name)).toEqual(['devices']);
  expect(missingNames(overview.adapters, ['devices', 'gone'])).toEqual(['gone']);
  expect(countsOf(rows).reduce((sum, { count }) => sum + count, 0)).toBe(rows.length);
  expect(countsOf(rows)[0]!.state).toBe('unhealthy');
});

test('inputs of a circuit have the rate of their queue, and outputs that of their pipeline', () => {
  const circuit = decodeCircuitDescription(ask('/api/circuits/settle'));
  const rates = ratesOf(circuit, overview);
  expect(rates.get('orders')).toBe(overview.queues.find(({ name }) => name === 'orders')!.ratePerSecond);
  expect(rates.get('settlements')).toBe(overview.pipelines.find(({ name }) => name === 'settle.settlements')!.ratePerSecond);
  expect(rates.has('match')).toBe(false);
  expect(noteOf('input', 12)).toBe('12/s');
  expect(noteOf('join', undefined)).toBe(undefined);
});

test('an attestation that does not continue the previous attestation is out of order', () => {
  const one = (number: number, messages: number, signedAt: number) => ({ number, messages, signedAt, root: '' });
  const rows = attestationRows([one(1, 10, 100), one(2, 20, 200), one(4, 30, 300), one(5, 29, 400), one(6, 40, 100)]);
  expect(rows.map(({ number, order }) => [number, order])).toEqual([[6, 'out of order'], [5, 'out of order'], [4, 'out of order'], [2, 'in order'], [1, 'oldest shown']]);
  expect(addedMessages(rows, 3)).toBe(10);
  expect(addedMessages(rows, 4)).toBe(null);
  const real = attestationRows(decodeAttestations(ask('/api/queues/orders/attestations?last=20')));
  expect(real.slice(0, -1).every(({ order }) => order === 'in order')).toBe(true);
});

test('usage is summed per tenant, and the largest user of the chosen resource comes first', () => {
  const rows = usageRows(overview.circuits, { grouping: 'tenants', tenant: '', order: 'storage' });
  expect(rows.map(({ name, circuits }) => [name, circuits])).toEqual([['treasury', 2], ['sustainability', 1]]);
  expect(rows[0]!.used.storage).toBe(2_400_000_000);
  expect(rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  const proofs = usageRows(overview.circuits, { grouping: 'circuits', tenant: 'sustainability', order: 'proofs' });
  expect(proofs.map(({ name, share }) => [name, share])).toEqual([['carbon', 1]]);
  expect(usageRows(overview.circuits, { grouping: 'circuits', tenant: 'treasury', order: 'proofs' }).every(({ share }) => share === 0)).toBe(true);
});

test('copies with trouble come first, with a lag in the unit of their kind', () => {
  const copies = copiesOf(overview, 'all');
  expect(copies[0]).toMatchObject({ name: 'payments', state: 'disconnected', role: 'publisher, queue', lag: '10 min, 1,812 messages' });
  expect(copiesOf(overview, 'replicas').map(({ lag }) => lag)).toContain('210 messages');
  expect(copiesOf(overview, 'multicast').every(({ through }) => through === 'multicast')).toBe(true);
  expect(copiesOf({ replication: [], replicas: [], multicast: [] }, 'all')).toEqual([]);
});

test('a card warns of failures and of work that the host did for it', () => {
  const card = overview.cards[0]!;
  expect(chosenCard(overview.cards, '')).toBe(card);
  expect(chosenCard(overview.cards, 'none:')).toBe(undefined);
  const warned = (more: object) => cardFigures({ ...card, ...more }).filter(({ warn }) => warn === true).map(({ label }) => label);
  expect(warned({ answered: 100, unanswered: 1, failures: 0 })).toEqual([]);
  expect(warned({ answered: 1, unanswered: 9, failures: 2 })).toEqual(['Answered by the host', 'Failures']);
  expect(cardFigures({ ...card, hotHits: 0, hotMisses: 0 }).at(-1)!.value).toBe('–');
});

test('rules that fire come before the others, the newest first, and lower severities can be left out', () => {
  const alerts = decodeAlerts(ask('/api/alerts'));
  const rows = alertRows(alerts, 'all', 'info');
  expect(rows).toHaveLength(alerts.length);
  expect(rows.findLastIndex(({ state: one }) => one === 'firing')).toBeLessThan(rows.findIndex(({ state: one }) => one === 'pending'));
  expect(alertRows(alerts, 'firing or pending', 'critical').every(({ state: one, severity }) => one !== 'ok' && severity === 'critical')).toBe(true);
  const [early, late] = [1, 2].map((since) => ({ ...alerts[0]!, name: String(since), state: 'firing' as const, severity: 'warning' as const, since }));
  expect(alertRows([early!, late!], 'all', 'info').map(({ name }) => name)).toEqual(['2', '1']);
});

describe('the estimate of carbon', () => {
  const factors = { watts: 4, overhead: 1.5, gramsPerKwh: 500 };

  test('without a recorded value is null', () => {
    expect(estimateOf({ times: [0, hour], mean: [null, null] }, factors)).toBe(null);
    expect(estimateOf({ times: [], mean: [] }, factors)).toBe(null);
  });

  test('multiplies core hours by power, overhead and intensity, and leaves gaps out', () => {
    expect(estimateOf({ times: [0, hour, 2 * hour, 3 * hour], mean: [100, null, 50, 150] }, factors)).toEqual({
      coreHours: 3, wattHours: 18, grams: 9, meanWatts: 6, kilogramsPerYear: 26.28, recordedHours: 3,
    });
  });

  test('has texts in units that fit', () => {
    expect([formatGrams(0.0004), formatGrams(12.34), formatGrams(26_280)]).toEqual(['0.4 mg', '12.3 g', '26.3 kg']);
    expect([formatWattHours(0.00156), formatWattHours(18), formatWattHours(1234)]).toEqual(['1.56 mWh', '18 Wh', '1.23 kWh']);
    expect(amount(123_456)).toBe('123,456');
  });
});

describe('the blotter', () => {
  const mapping: Mapping = { symbol: '', side: '', quantity: '', price: '', priceDecimals: 8, quantityDecimals: 0 };
  const message = (sequence: number, fields: JsonObject): Message => ({ queue: 'fills', schema: 'EStreamFill', position: 0n, sequence: BigInt(sequence), time: 0n, message: fields });

  test('reads fills of esf-trading and execution reports of FIX, newest first', () => {
    const fill = { instrument: 'EURUSD', side: 'Buy', quantity: 1_000_000, price: 108_250_000 };
    const report = { instrument: 'ERIC B', side_code: '2', side: 'Sell', quantity: 900, price: 1, last_quantity: 100, last_price: 10_450_000_000 };
    expect(tradesOf([message(1, fill), message(2, report)], mapping)).toMatchObject([
      { sequence: 2n, symbol: 'ERIC B', side: 'sell', quantity: 100, price: 104.5 },
      { sequence: 1n, symbol: 'EURUSD', side: 'buy', quantity: 1_000_000, price: 1.0825 },
    ]);
  });

  test('leaves out messages that are not executions', () => {
    expect(tradesOf([message(1, { instrument: 'A', quantity: 0, price: 1 }), message(2, { instrument: 'A', quantity: 1 }), message(3, { quantity: 1, price: 1 })], mapping)).toEqual([]);
  });

  test('reads chosen fields, and numbers that are not integers as they are', () => {
    const own = { ...mapping, symbol: 'isin', side: 'way', quantity: 'n', price: 'p', quantityDecimals: 2 };
    expect(tradesOf([message(1, { isin: 'X', way: 1, n: 250, p: '12.5' }), message(2, { isin: 'X', n: 0.5, p: 12.25 })], own)).toMatchObject([
      { quantity: 0.5, price: 12.25, side: '' },
      { quantity: 2.5, price: 12.5, side: 'buy' },
    ]);
  });

  test('shows all prices with the decimals of the most exact one, at least two, and means with two more', () => {
    const formatOf = (...prices: number[]) => priceFormatOf(tradesOf(prices.map((price, index) => message(index, { instrument: 'A', quantity: 1, price: Math.round(price * 1e8) })), mapping));
    expect([formatOf(104.5, 9).price(9), formatOf(104.5, 9).mean(1204.123456)]).toEqual(['9.00', '1,204.1235']);
    expect([formatOf(1.0825, 9).price(9), formatOf(0.00000001).mean(1)]).toEqual(['9.0000', '1.00000000']);
    expect(formatOf().price(1)).toBe('1.00');
  });

  test('sums volume and the volume-weighted mean price per symbol', () => {
    const trade = (sequence: number, symbol: string, side: string, quantity: number, price: number) => message(sequence, { instrument: symbol, side, quantity, price: price * 1e8 });
    const summaries = summariesOf(tradesOf([trade(1, 'A', 'Buy', 100, 10), trade(2, 'A', 'Sell', 300, 12), trade(3, 'B', 'Buy', 1, 5)], mapping));
    expect(summaries).toEqual([
      { symbol: 'A', trades: 2, volume: 400, bought: 100, sold: 300, vwap: 11.5, last: 12, low: 10, high: 12 },
      { symbol: 'B', trades: 1, volume: 1, bought: 1, sold: 0, vwap: 5, last: 5, low: 5, high: 5 },
    ]);
    expect(summariesOf([])).toEqual([]);
  });

  test('finds the queue of executions by its name', () => {
    expect(defaultExecutions(overview.queues)).toBe('executions');
    expect(defaultExecutions(overview.queues.filter(({ name }) => name === 'orders'))).toBe('');
  });
});

describe('the topology', () => {
  const routes = [{ name: 'devices', queues: ['telemetry'], egress: ['commands'] }, { name: 'trading', queues: ['orders'], egress: [] }];
  const whole = topologyOf(overview, routes, new Map([['devices', 7]]));

  test('connects adapters, queues, pipelines, circuits and maps', () => {
    const ways = whole.edges.map(({ from, to }) => `${from} > ${to}`);
    expect(ways).toContain('adapter devices > queue telemetry');
    expect(ways).toContain('queue commands > sender devices');
    expect(ways).toContain('queue telemetry > pipeline hot');
    expect(ways).toContain('pipeline hot > queue hot');
    expect(ways).toContain('queue orders > circuit settle');
    expect(ways).toContain('circuit settle > map balances');
    expect(ways).toContain('queue telemetry > map latest');
    expect(new Set(ways).size).toBe(ways.length);
    expect(whole.nodes.find(({ id }) => id === 'adapter devices')!.rate).toBe(7);
    expect(whole.nodes.find(({ id }) => id === 'pipeline alarms')!.trouble).toBe('failing');
  });

  test('around a queue has only what is upstream or downstream', () => {
    const near = around(whole, 'orders');
    expect(near.nodes.map(({ id }) => id)).toContain('adapter trading');
    expect(near.nodes.map(({ id }) => id)).toContain('circuit settle');
    expect(near.nodes.map(({ id }) => id)).not.toContain('adapter devices');
    expect(around(whole, 'nothing').edges).toEqual([]);
  });

  test('has a limit for each kind of part, and no part without a connection', () => {
    const few = bounded(whole, 2);
    expect(few.nodes.filter(({ kind }) => kind === 'queue').length).toBeLessThanOrEqual(2);
    expect(few.nodes.every(({ id }) => few.edges.some(({ from, to }) => from === id || to === id))).toBe(true);
  });

  test('is drawn from left to right, also with a cycle', () => {
    const { nodes, lines, width, height } = layoutOf(bounded(whole, 24));
    expect(lines.every(({ from, to }) => from.x < to.x)).toBe(true);
    expect(nodes.every(({ x, y }) => x >= 0 && y >= 0 && x < width && y < height)).toBe(true);
    const node = (id: string) => ({ id, kind: 'queue' as const, name: id, href: '', trouble: '', rate: null });
    expect(layoutOf({ nodes: [node('a'), node('b')], edges: [{ from: 'a', to: 'b' }, { from: 'b', to: 'a' }] }).nodes).toHaveLength(2);
    expect(layoutOf({ nodes: [], edges: [] }).nodes).toEqual([]);
  });

  test('has a rate of an adapter after two seconds, and none after a restart of the host', () => {
    const adapter = (receivedTotal: number) => [{ ...overview.adapters[0]!, name: 'a', receivedTotal }];
    const first = nextSample(null, adapter(100), 0);
    expect(first.rates.size).toBe(0);
    expect(nextSample(first, adapter(150), 500)).toBe(first);
    const second = nextSample(first, adapter(300), 2000);
    expect(second.rates.get('a')).toBe(100);
    expect(nextSample(second, adapter(5), 4000).rates.size).toBe(0);
  });
});
