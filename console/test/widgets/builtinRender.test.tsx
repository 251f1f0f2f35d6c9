// @vitest-environment happy-dom
import { act, Suspense } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { MemoryRouter } from 'react-router';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answer } from '../../dev/mock/answers.ts';
import { MockState } from '../../dev/mock/state.ts';
import { toWireJson } from '../../dev/mock/wire.ts';
import { decodeOverview } from '../../src/api/decode';
import { parseJson, type JsonObject } from '../../src/api/json';
import type { Overview } from '../../src/api/types';
import { LiveContext } from '../../src/live/LiveContext';
import { LiveFeed } from '../../src/live/LiveFeed';
import { emptyHistory, withSample } from '../../src/live/rateHistory';
import { builtinWidgets } from '../../src/widgets/builtin/index';

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

// The DOM of the tests has no canvas.
vi.mock('../../src/components/charts/HistoryPlot', () => ({ HistoryPlot: ({ label }: { label: string }) => <p>{label}</p> }));
vi.mock('../../src/components/charts/RateChart', () => ({ RateChart: ({ description }: { description: string }) => <p>{description}</p> }));

const now = Date.UTC(2026, 10, 30, 14, 2, 11);
const state = new MockState(() => now);
const full = decodeOverview(parseJson(toWireJson(answer({ method: 'GET', url: new URL('/api/overview', 'http://mock'), body: '' }, state)!.body)));
const empty: Overview = { ...full, adapters: [], queues: [], queueCount: null, maps: [], totals: null, pipelines: [], circuits: [], witnesses: [], multicast: [], replicas: [], replication: [], cards: [], alerts: [] };

let root: Root;
let box: HTMLElement;
let requests: string[];

beforeEach(() => {
  vi.useFakeTimers({ now });
  box = document.body.appendChild(document.createElement('div'));
  root = createRoot(box);
  requests = [];
});

afterEach(() => {
  act(() => root.unmount());
  box.remove();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Answers as the simulated site does, or refuses everything with a status. */
function serve(refusal?: number): void {
  vi.stubGlobal('fetch', async (url: string) => {
    requests.push(url);
    if (refusal !== undefined) {
      return new Response('{"error":"the host is busy"}', { status: refusal });
    }
    const { status, body, lines } = answer({ method: 'GET', url: new URL(url, 'http://mock'), body: '' }, state)!;
    if (lines === undefined) {
      return new Response(toWireJson(body), { status });
    }
    let text = '';
    for await (const line of lines) {
      text += `${toWireJson(line)}\n`;
    }
    return new Response(text, { status });
  });
}

interface Shown {
  overview?: Overview;
  config?: JsonObject;
  isPaused?: boolean;
}

function feedOf(overview: Overview): LiveFeed {
  const feed = new LiveFeed();
  feed.connection.set({ phase: 'live' });
  feed.overview.set(overview);
  feed.history.set(withSample(emptyHistory, now / 1000, overview.queues));
  return feed;
}

async function draw(name: string, feed: LiveFeed, { config = {}, isPaused = false }: Shown): Promise<void> {
  const widget = builtinWidgets.find(({ id }) => id === `builtin/${name}`)!;
  const defaults = Object.fromEntries(Object.entries(widget.configSchema!.properties as Record<string, JsonObject>).map(([key, property]) => [key, property.default!]));
  const time = { from: now - 3_600_000, to: now, isLive: true, isPaused };
  await act(async () => {
    root.render(
      <MemoryRouter>
        <LiveContext value={feed}>
          <Suspense fallback="loading">
            <widget.Component config={{ ...defaults, ...config }} time={time} />
          </Suspense>
        </LiveContext>
      </MemoryRouter>,
    );
  });
}

/** Renders a widget and waits until it has its answers. */
async function show(name: string, shown: Shown = {}): Promise<string> {
  const feed = feedOf(shown.overview ?? full);
  await draw(name, feed, shown);
  await settle();
  return box.textContent;
}

/** Lets the code of the widget and its answers arrive, without the time of a second request. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 200 && (turn < 5 || /Reading…|^loading$/.test(box.textContent)); turn++) {
    await act(async () => {
      await vi.dynamicImportSettled();
      await vi.advanceTimersByTimeAsync(1);
    });
  }
}

const contents: Record<string, RegExp> = {
  rates: /Messages.*quotes.*telemetry|Messages.*telemetry.*quotes/,
  latency: /exchange.*Time to store.*median.*99th percentile/,
  'queue-tail': /quotes.*Appended.*instrument.*bid.*offer/,
  'map-browser': /latest.*device_id.*pump-\d+.*of 2,400,000 entries/,
  'adapter-health': /1 unhealthy.*2 degraded.*drop-copy.*cannot log on/,
  'circuit-graph': /settle.*running.*orders.*\/s.*match.*join/,
  attestations: /orders.*witness running.*91 waiting.*in order.*oldest shown/,
  metering: /Tenant.*treasury.*sustainability/,
  replication: /10 copies.*1 with a problem.*payments.*disconnected/,
  'fpga-card': /vfio.*running.*Answered by the card40\.1M/,
  topology: /devices.*telemetry.*hot.*of \d+ parts/,
  alerts: /2 of 6 rules fire.*payments-not-replicated.*firing/,
  'carbon-impact': /Estimate.*CO2.*Wh.*Mean power.*g CO2e\/kWh/,
  'trading-blotter': /executions.*newest 500 messages.*VWAP.*ERIC B.*Buy/,
};

test.each(builtinWidgets.map(({ id }) => id.slice('builtin/'.length)))('the widget %s shows the answers of the host with its default settings', async (name) => {
  serve();
  const text = await show(name);
  expect(text).toMatch(contents[name]!);
  expect(text).not.toContain('Reading…');
  expect(box.querySelector('[style]')).toBe(null);
  expect(box.querySelector('.empty')).toBe(null);
});

const empties: Record<string, string> = {
  rates: 'Estream:Queues',
  latency: 'Estream:Adapters',
  'queue-tail': 'Estream:Queues',
  'map-browser': 'Estream:Maps',
  'adapter-health': 'Estream:Adapters',
  'circuit-graph': 'Estream:Tenants:NAME:Circuits',
  attestations: 'Estream:Queues:NAME:Witness:KeyFile',
  metering: 'Estream:Tenants:NAME:Circuits',
  replication: 'Estream:Replication:Publish',
  'fpga-card': 'Estream:Cards',
  topology: 'Estream:Pipelines',
  'trading-blotter': 'Choose the queue of executions in the settings.',
};

test.each(Object.entries(empties))('the widget %s of a host without such parts names the setting %s', async (name, setting) => {
  serve();
  expect(await show(name, { overview: empty })).toContain(setting);
  expect(box.querySelector('.empty')).not.toBe(null);
});

test.each(['rates', 'latency', 'queue-tail', 'map-browser', 'circuit-graph', 'attestations', 'topology', 'alerts', 'carbon-impact', 'trading-blotter'])('the widget %s says why the host did not answer, and asks again', async (name) => {
  serve(503);
  expect(await show(name)).toContain('the host is busy');
  serve();
  await act(async () => box.querySelector<HTMLButtonElement>('.empty button')!.click());
  await settle();
  expect(box.textContent).toMatch(contents[name]!);
});

test.each(builtinWidgets.map(({ id }) => id.slice('builtin/'.length)))('the widget %s asks at most once in two seconds, for live messages in one, and nothing while the dashboard is paused', async (name) => {
  serve();
  const feed = feedOf(full);
  await draw(name, feed, {});
  await settle();
  requests.length = 0;
  await act(() => vi.advanceTimersByTimeAsync(20_000));
  expect(requests.length).toBeLessThanOrEqual(['queue-tail', 'trading-blotter'].includes(name) ? 20 : 10);
  await draw(name, feed, { isPaused: true });
  const before = box.textContent;
  requests.length = 0;
  act(() => feed.overview.set(empty));
  await act(() => vi.advanceTimersByTimeAsync(20_000));
  expect(requests).toEqual([]);
  expect(box.querySelector('.empty')).toBe(null);
  expect(box.textContent.replace(/\d+(\.\d)? (s|min|h) ago/g, '')).toBe(before.replace(/\d+(\.\d)? (s|min|h) ago/g, ''));
});

test.each([['queue-tail', 'orders'], ['trading-blotter', 'executions']])('the widget %s asks nothing about a queue at rest, and again after a message or a failure', async (name, queue) => {
  serve();
  const at = (messages: number) => ({ ...full, queues: full.queues.map((one) => (one.name === queue ? { ...one, messages, ratePerSecond: 0 } : one)) });
  const feed = feedOf(at(7));
  const after = async (seconds: number) => {
    requests.length = 0;
    await act(() => vi.advanceTimersByTimeAsync(seconds * 1000));
    return requests.length;
  };
  await draw(name, feed, { config: { queue } });
  await settle();
  await after(3);
  expect(await after(20)).toBe(0);
  act(() => feed.overview.set(at(8)));
  expect(await after(2)).toBe(1);
  expect(await after(20)).toBe(0);
  serve(503);
  act(() => feed.overview.set(at(9)));
  expect(await after(3)).toBeGreaterThan(1);
});

test('a widget on a paused dashboard asks once, so that it is not empty', async () => {
  serve();
  expect(await show('alerts', { isPaused: true })).toMatch(contents.alerts!);
  expect(requests).toEqual(['/api/alerts']);
});

test('settings choose the parts of a widget', async () => {
  serve();
  expect(await show('rates', { config: { show: 'adapters', adapters: ['hospital'] } })).toMatch(/hospital/);
  expect(await show('rates', { config: { queues: ['orders'], span: 'last minute' } })).toContain('Messages per second of each queue over the last 60 seconds. orders: now');
  expect(await show('latency', { config: { adapter: 'devices', view: 'distribution' } })).toMatch(/devices.*Share of the time/);
  expect(await show('queue-tail', { config: { queue: 'orders', fields: 'price, side', rows: 5 } })).toMatch(/^ordersNewest messages of ordersAppendedpriceside/);
  expect(box.querySelectorAll('tbody tr')).toHaveLength(5);
  expect(await show('map-browser', { config: { map: 'settings', prefix: 'line-2' } })).toMatch(/line-2\/limit/);
  expect(await show('map-browser', { config: { map: 'nothing' } })).toContain('This host has no map named nothing.');
  expect(await show('adapter-health', { config: { adapters: ['devices', 'gone'] } })).toMatch(/1 healthy.*no adapter named gone/);
  expect(await show('circuit-graph', { config: { circuit: 'risk' } })).toMatch(/risk.*breached.*41 ms measured/);
  expect(await show('attestations', { config: { queue: 'payments' } })).toContain('permission denied');
  expect(await show('attestations', { config: { queue: 'quotes' } })).toContain('Estream:Queues:quotes:Witness:KeyFile');
  expect(await show('metering', { config: { rows: 'circuits', tenant: 'nobody' } })).toContain('Tenant nobody has no circuit on this host.');
  expect(await show('topology', { config: { queue: 'payments' } })).toMatch(/payments-in.*payments/);
  expect(await show('trading-blotter', { config: { queue: 'telemetry' } })).toContain('The messages are not executions.');
  expect(await show('carbon-impact', { config: { watts: 10, gramsPerKwh: 100 } })).toMatch(/10 W per core.*100 g CO2e\/kWh/);
});
