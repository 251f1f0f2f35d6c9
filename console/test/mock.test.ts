import { expect, test } from 'vitest';
import { answer } from '../dev/mock/answers.ts';
import { adapters, queues } from '../dev/mock/fleet.ts';
import { MockState } from '../dev/mock/state.ts';
import { toWireJson } from '../dev/mock/wire.ts';
import { decodeActs, decodeTokens } from '../src/api/access';
import { decodeAdapter, decodeTable } from '../src/api/adapters';
import { decodeAlertLog, decodeAlerts } from '../src/api/alerts';
import { decodeCircuitDescription, decodeTraces } from '../src/api/circuits';
import { decodeComponents } from '../src/api/components';
import { decodeConfiguration, settingsOf } from '../src/api/configuration';
import { decodeAttestations, decodeDevices, decodeInclusion, decodeOverview, decodeSession, decodeWaitingPayments } from '../src/api/decode';
import { decodeDashboards } from '../src/widgets/api/dashboards';
import { decodeHistory, decodeSeriesNames } from '../src/api/history';
import { parseJson, type JsonValue } from '../src/api/json';
import { decodeHealth } from '../src/api/health';
import { decodeEntry, decodeEntryHistory, decodeEntryPage, decodeMapList } from '../src/api/maps';
import { decodeLine, decodeMessageDetail } from '../src/api/messages';
import { decodeQueueDetail, decodeQueuePage, decodeRedrive } from '../src/api/queues';
import { Reader } from '../src/api/reader';
import { decodeReplicatedPart } from '../src/api/replication';
import { decodeSchema, decodeSchemas } from '../src/api/schemas';
import { decodeWidgets } from '../src/widgets/api/catalogue';
import { decodeDashboard } from '../src/widgets/dashboard/model';

const now = Date.UTC(2026, 10, 30, 14, 2, 11);
const state = new MockState(() => now);

/** The JSON of an answer, as it goes over the wire. */
function ask(path: string, method = 'GET', body = ''): JsonValue {
  const answered = answer({ method, url: new URL(path, 'http://mock'), body }, state);
  // A host that is not ready answers 503 with its health.
  expect(answered?.status, path).toBeLessThan(path === '/health' ? 504 : 400);
  return parseJson(toWireJson(answered?.body ?? null));
}

const decoders: [path: string, decode: (json: JsonValue) => unknown][] = [
  ['/api/health', decodeHealth],
  ['/api/maps', decodeMapList],
  ['/api/maps/latest?prefix=pump-17', decodeEntryPage],
  ['/api/maps/sessions', decodeEntryPage],
  ['/api/maps/settings/line-1%2Flimit-0', (json) => decodeEntry(Reader.of(json))],
  ['/api/maps/latest/history?key=pump-7', (json) => decodeEntryHistory(json, 'telemetry')],
  ['/api/queues?limit=200', decodeQueuePage],
  ['/api/queues?partitionsOf=telemetry', decodeQueuePage],
  ['/api/queues/orders', decodeQueueDetail],
  ['/api/queues/telemetry', decodeQueueDetail],
  ['/api/queues/orders/messages/12448900', (json) => decodeMessageDetail(json, 'orders')],
  ['/api/queues/dead-letters/messages/1283', (json) => decodeMessageDetail(json, 'dead-letters')],
  ['/api/overview', decodeOverview],
  ['/api/session', decodeSession],
  ['/api/queues/orders/attestations?last=20', decodeAttestations],
  ['/api/queues/orders/messages/12448900/inclusion', decodeInclusion],
  ['/api/adapters/boilers/devices', decodeDevices],
  ['/api/adapters/bank/payments?limit=100', decodeWaitingPayments],
  ['/api/circuits/settle', decodeCircuitDescription],
  ['/api/circuits/settle/traces?last=20', decodeTraces],
  ['/api/history/series', decodeSeriesNames],
  ['/api/history?series=host/cpu&series=queue/telemetry/rate', decodeHistory],
  ['/health', decodeHealth],
  ['/api/alerts', decodeAlerts],
  ['/api/alerts/log?last=100', decodeAlertLog],
  ['/api/components', decodeComponents],
  ['/api/widgets', decodeWidgets],
  ['/api/dashboards', decodeDashboards],
  ['/api/configuration', decodeConfiguration],
  ['/api/tokens', decodeTokens],
  ['/api/audit?last=100', decodeActs],
  ['/api/schemas?view=list', decodeSchemas],
  ['/api/schemas/Pacs008CreditTransfer', decodeSchema],
];

test.each(decoders)('the page decodes the answer of the mock host at %s', (path, decode) => {
  expect(decode(ask(path))).toBeDefined();
});

test('every adapter of the mock host and each of its tables is decoded', () => {
  const protocols = new Set<string>();
  for (const { name, type } of adapters) {
    protocols.add(type.split('-')[0]!);
    const detail = decodeAdapter(ask(`/api/adapters/${name}`));
    for (const { name: table, total } of detail.tables) {
      const page = decodeTable(ask(`/api/adapters/${name}/tables/${table}?limit=5`));
      expect(page.total).toBe(total);
      expect(page.rows.length).toBe(Math.min(5, total));
      expect(page.next).toBe(total > 5 ? '5' : null);
    }
  }
  expect([...protocols].sort()).toEqual(['dnp3', 'fhir', 'fix', 'hl7', 'iso20022', 'modbus', 'mqtt', 'opcua']);
});

test('every queue of the mock host and its newest messages are decoded', () => {
  for (const { name } of queues) {
    expect(decodeQueueDetail(ask(`/api/queues/${name}`)).name).toBe(name);
    const messages = ask(`/api/queues/${name}/messages?last=3`);
    expect(Array.isArray(messages) && messages.map((message) => decodeLine({ message }, name))).toHaveLength(3);
  }
});

test.each(['from=last:5', 'from=seq:4200000', 'from=time:2026-11-30T13:00:00Z&direction=backward&limit=2', 'from=last:300000&filter=price > 1&limit=3'])(
  'every line of a search of the mock host (%s) is decoded',
  async (request) => {
    const answered = answer({ method: 'GET', url: new URL(`/api/queues/orders/messages?${request}`, 'http://mock'), body: '' }, state);
    const lines = [];
    for await (const line of answered!.lines!) {
      lines.push(decodeLine(parseJson(toWireJson(line)), 'orders'));
    }
    expect(lines.some((line) => 'message' in line)).toBe(true);
    expect(lines.at(-1)).toHaveProperty('end');
  },
);

test('replicated parts of the overview are decoded', () => {
  const parts = Reader.of(ask('/api/overview')).list('replication', decodeReplicatedPart);
  expect(parts.map(({ role }) => role)).toContain('follower');
  expect(parts.some((part) => part.state === 'disconnected' && part.lagSeconds > 60)).toBe(true);
});

test('an hour of history has a lag of replication, and a week has a gap', () => {
  const lag = decodeHistory(ask('/api/history?series=replication/orders/lag-seconds')).series[0]!;
  expect(Math.max(...lag.mean.map((value) => value ?? 0))).toBeGreaterThan(2);
  const week = decodeHistory(ask(`/api/history?series=host/cpu&from=${now - 7 * 86_400_000}`));
  expect(week.series[0]!.mean).toContain(null);
  expect(week.series[0]!.times.length).toBeLessThanOrEqual(2000);
});

test('an adapter has a median and a 99th percentile of the time to store, without values if it stores nothing', () => {
  const times = (adapter: string) => decodeHistory(ask(`/api/history?series=adapter/${adapter}/p50&series=adapter/${adapter}/p99`)).series;
  const [p50, p99] = times('devices');
  expect([p50!.unit, p99!.unit]).toEqual(['seconds', 'seconds']);
  expect(p99!.mean.at(-1)!).toBeGreaterThan(p50!.mean.at(-1)!);
  expect(times('drop-copy').flatMap(({ mean }) => mean).every((value) => value === null)).toBe(true);
});

test('the answer to a redrive is decoded, and lists dead letters', () => {
  expect(decodeRedrive(ask('/api/queues/dead-letters/redrive?dryRun=true', 'PUT')).deadLetters).toHaveLength(1);
});

test('a new entry of the mock host does not replace one', () => {
  const put = (body: object) => answer({ method: 'PUT', url: new URL('/api/maps/settings/new-key', 'http://mock'), body: JSON.stringify(body) }, state);
  expect(put({ text: 'a', ifVersion: 0 })?.status).toBe(200);
  expect(put({ text: 'b', ifVersion: 0 })?.status).toBe(409);
});

test('pausing an adapter of the mock host shows in its state', () => {
  ask('/api/adapters/devices/pause', 'PUT');
  expect(decodeAdapter(ask('/api/adapters/devices'))).toMatchObject({ isPaused: true, pauseReasons: ['operator'] });
  ask('/api/adapters/devices/resume', 'PUT');
  expect(decodeAdapter(ask('/api/adapters/devices')).isPaused).toBe(false);
});

test('the settings of the configuration have their full names, and secrets are hidden', () => {
  const settings = settingsOf(decodeConfiguration(ask('/api/configuration')));
  expect(settings).toContainEqual({ path: 'Estream:Http:Port', value: '5443' });
  expect(settings).toContainEqual({ path: 'Estream:Adapters:devices:Password', value: 'hidden' });
  expect(settings).toContainEqual({ path: 'Estream:Replication:Brokers:1', value: 'b2.acme.internal:5671' });
});

test('a dashboard of the mock host has versions, and a change of another version is refused', () => {
  const put = (headers: Record<string, string>, title = 'Plant') =>
    answer({ method: 'PUT', url: new URL('/api/dashboards/plant', 'http://mock'), body: JSON.stringify({ format: 1, title, widgets: [] }), headers }, state)!;
  expect(put({ 'if-match': '"1"' }).status).toBe(409);
  expect(put({ 'if-none-match': '*' })).toEqual({ status: 204, headers: { etag: '"1"' } });
  expect(put({ 'if-none-match': '*' })).toMatchObject({ status: 409, body: { etag: '"1"' } });
  expect(put({ 'if-match': '"1"' }, 'Plant 2').headers).toEqual({ etag: '"2"' });
  expect(decodeDashboard(ask('/api/dashboards/plant')).title).toBe('Plant 2');
  expect(decodeDashboards(ask('/api/dashboards'))).toEqual([{ name: 'plant', title: 'Plant 2', etag: '"2"', error: '' }]);
});
