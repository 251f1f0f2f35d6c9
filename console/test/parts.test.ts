import { describe, expect, test } from 'vitest';
import type { AuditAct } from '../src/api/access';
import type { Alert } from '../src/api/alerts';
import { decodeSchema } from '../src/api/schemas';
import { inTroubleFirst } from '../src/components/parts/inTroubleFirst';
import { actMatches } from '../src/pages/access/actMatches';
import { tokenState } from '../src/pages/access/tokenState';
import { decodeAdapterRow } from '../src/api/adapters';
import { Reader } from '../src/api/reader';
import { adapterTroubles } from '../src/live/adapterState';
import { widthsOf } from '../src/pages/adapter/columnWidths';
import { compileFilter } from '../dev/mock/filter.ts';
import { deadLettersAddress } from '../src/app/deadLetters';
import { addressOfSeries } from '../src/pages/alerts/addressOfSeries';
import { reasonText, thresholdText, unitOf, valueText } from '../src/format/alertValue';
import { markOfAlert, severityOf } from '../src/pages/alerts/alertText';
import { flatFields } from '../src/pages/schema/flatFields';
import { privacyOf } from '../src/pages/schema/privacy';

test('parts in trouble come first, otherwise the order stays', () => {
  const parts = [{ name: 'a', state: 'healthy' }, { name: 'b', state: 'degraded' }, { name: 'c', state: 'unhealthy' }, { name: 'd', state: 'healthy' }];
  expect(inTroubleFirst(parts).map(({ name }) => name)).toEqual(['c', 'b', 'a', 'd']);
});

describe('an adapter', () => {
  const pause = 'Paused by an operator. Resume the adapter with PUT /api/adapters/line%203/resume.';
  const told = (state: string, detail: string, more = {}) =>
    decodeAdapterRow(Reader.of({ name: 'line 3', type: 'mqtt-client', state, detail, connections: 0, receivedTotal: 0, rejectedTotal: 0, restarts: 0, ...more }));

  test('that works has no trouble', () => {
    expect(adapterTroubles(told('healthy', 'listening'))).toEqual([]);
  });

  test('that is only paused is paused, whatever the host calls its health', () => {
    expect(told('degraded', pause)).toMatchObject({ state: 'paused', detail: '', isPaused: true });
    expect(adapterTroubles(told('degraded', pause))).toMatchObject([{ state: 'paused', remedy: expect.stringContaining('Resume') }]);
  });

  test.each([
    ['in one text', told('unhealthy', `${pause} The broker refused the connection.`)],
    ['with a member for the pause', told('unhealthy', 'The broker refused the connection.', { isPaused: true })],
  ])('that is paused and does not work has both reasons and remedies, if the host says so %s', (_, adapter) => {
    expect(adapter).toMatchObject({ state: 'unhealthy', isPaused: true });
    expect(adapterTroubles(adapter)).toMatchObject([
      { state: 'unhealthy', reason: 'The broker refused the connection.', remedy: expect.stringContaining('by itself') },
      { state: 'paused', remedy: expect.stringContaining('Resume') },
    ]);
  });
});

test('alerts that fire come before those that may, and critical ones first', () => {
  const alert = (state: Alert['state'], severity: Alert['severity']) => severityOf({ state, severity } as Alert);
  expect(alert('firing', 'info')).toBeGreaterThan(alert('pending', 'critical'));
  expect(alert('firing', 'critical')).toBeGreaterThan(alert('firing', 'warning'));
  expect(alert('ok', 'critical')).toBe(0);
});

test('the value of an alert has the unit of its series', () => {
  expect(unitOf('pipeline/hot/lag')).toBe('bytes');
  expect(unitOf('queue/telemetry/lag/forecast')).toBe('bytes');
  expect(unitOf('queue/telemetry/lag/rate')).toBe('bytes');
  const rule = { series: 'replication/orders/lag-seconds', comparison: 'above', threshold: 30, value: 571.4, detail: 'lag is 571.4, above 30' } as const;
  expect(valueText(rule)).toBe('10 min');
  expect(reasonText(rule)).toBe('replication/orders/lag-seconds is 10 min, above 30 s');
  expect(reasonText({ ...rule, value: 12 })).toBe('replication/orders/lag-seconds is 12 s, not above 30 s');
  expect([valueText({ ...rule, value: null }), reasonText({ ...rule, value: null })]).toEqual(['–', rule.detail]);
});

test('a value and a threshold that differ have texts that differ', () => {
  const texts = (series: string, value: number, threshold: number) => {
    const rule = { series, comparison: 'above', value, threshold } as const;
    return [valueText(rule), thresholdText(rule)];
  };
  expect(texts('adapter/devices/rejected', 0.062, 0.05)).toEqual(['0.062/s', 'above 0.05/s']);
  expect(texts('queue/a/lag/b', 8_240_800, 8_240_000)).toEqual(['7.859 MiB', 'above 7.858 MiB']);
  expect(texts('adapter/devices/rejected', 0.1, 0.1)).toEqual(['0.1/s', 'above 0.1/s']);
  expect(texts('adapter/devices/rejected', 0.01, 0.01)).toEqual(['0.01/s', 'above 0.01/s']);
});

test('a rule that fires has the mark of its severity', () => {
  expect(markOfAlert('firing', 'warning')).toBe('degraded');
  expect(markOfAlert('firing', 'critical')).toBe('unhealthy');
  expect(markOfAlert('ok', 'critical')).toBe('healthy');
});

test('a series leads to the page of its part', () => {
  expect(addressOfSeries('queue/a b/lag/reader/x')).toEqual({ to: '/queues/a%20b', label: 'queue a b' });
  expect(addressOfSeries('replication/orders/lag-seconds')?.to).toBe('/replication');
  expect(addressOfSeries('host/cpu')).toBe(null);
});

test('a token says whether it still works', () => {
  const now = 1_780_000_000_000;
  const token = { name: 'a', role: 'viewer', scopes: [], createdAt: 0, expiresAt: null, revoked: false };
  expect(tokenState(token, now)).toBe('active');
  expect(tokenState({ ...token, expiresAt: now + 86_400_000 }, now)).toBe('expires soon');
  expect(tokenState({ ...token, expiresAt: now - 1 }, now)).toBe('expired');
  expect(tokenState({ ...token, revoked: true, expiresAt: now + 1 }, now)).toBe('revoked');
});

test('a search of actions needs all of its words', () => {
  const act = { actor: 'ann', role: 'admin', origin: '10.4.0.11', action: 'PUT /api/reload', target: '', outcome: 'done', detail: '' } as AuditAct;
  expect(actMatches(act, 'ANN reload')).toBe(true);
  expect(actMatches(act, 'ann redrive')).toBe(false);
  expect(actMatches(act, '')).toBe(true);
});

test('the columns of an unknown table are as wide as their content, in steps', () => {
  const column = (title: string, kind: 'text' | 'count' | 'time') => ({ name: title, title, kind, unit: '' });
  const columns = [column('Client', 'text'), column('Queued', 'count'), column('Since', 'time')];
  expect(widthsOf(columns, [['pump-1', 0, 1]])).toEqual(['minmax(4rem, 8fr)', '5rem', '6.5rem']);
  expect(widthsOf(columns, [['pump-1', 0, 1], ['pump-12', 123_456, 1]])).toEqual(widthsOf(columns, [['pump-1', 0, 1]]));
});

test('the fields of an object have their full names, and private ones say for whom', () => {
  const field = { name: 'floor', type: 'i32', isOptional: false, isPrivate: false, isTokenized: false };
  const schema = decodeSchema({
    name: 'Opened', namespace: 'acme', isBuiltIn: false, fieldCount: 2, isPrivate: true, id: '00', queues: [],
    fields: [
      { ...field, name: 'places', type: 'array(object)', fields: [field] },
      { ...field, name: 'person', isPrivate: true, audiences: ['guards'] },
    ],
  });
  expect(flatFields(schema.fields).map(({ name }) => name)).toEqual(['places', 'places[].floor', 'person']);
  expect(schema.fields.map(privacyOf)).toEqual(['', 'sealed for guards']);
});

test('the dead letters of a device have an address with a filter that the host understands', () => {
  const address = new URL(deadLettersAddress('dead-letters', 'devices', 'devices/pump-7"/', []), 'http://host');
  expect(address.pathname).toBe('/queues/dead-letters');
  expect(address.searchParams.get('filter')).toBe('source == "devices" and (topic == "devices/pump-7\\"" or startsWith(topic, "devices/pump-7\\"/"))');
  expect(deadLettersAddress('d', 'a', '', [])).toBe('/queues/d?schema=DeadLetter&filter=source+%3D%3D+%22a%22');
});

test('the filter for a device matches a whole level of the topic', () => {
  const topics = ['devices/pump-404/telemetry', 'devices/valve-12/telemetry', 'site/a/pump-9/x', 'ns=2;s=Line3'];
  const filterOf = (text: string) => new URL(deadLettersAddress('d', 'devices', text, topics), 'http://host').searchParams.get('filter')!;
  const matches = (text: string, topic: string) => compileFilter(filterOf(text))!({ source: 'devices', topic });
  for (const topic of ['pump-7', 'pump-7/status', 'devices/pump-7', 'devices/pump-7/telemetry']) {
    expect(matches('pump-7', topic), topic).toBe(true);
  }
  for (const topic of ['pump-70', 'devices/pump-70/telemetry', 'devices/valve-12/telemetry']) {
    expect(matches('pump-7', topic), topic).toBe(false);
  }
  expect(matches('pump-9', 'site/a/pump-9/x')).toBe(true);
  expect(compileFilter(filterOf('pump-7'))!({ source: 'line-3', topic: 'pump-7' })).toBe(false);
  const many = Array.from({ length: 8 }, (_, index) => `${'parent'.repeat(20)}${index}/a/b`);
  expect(new URL(deadLettersAddress('d', 'a', 'pump', many), 'http://host').searchParams.get('filter')!.length).toBeLessThanOrEqual(1024);
});
