import { expect, test, vi } from 'vitest';
import { DashboardConflict, deleteDashboard, fetchDashboard, putDashboard } from '../../src/widgets/api/dashboards';
import { StatusError } from '../../src/api/http';
import { DecodeError } from '../../src/api/reader';
import { dashboardText, decodeDashboard, mostWidgets, nameFor, whyNotName, whyNotSave, withWidget } from '../../src/widgets/dashboard/model';
import { mostPrivate, PrivateDashboards } from '../../src/widgets/dashboard/privateStore';
import type { Dashboard, WidgetInfo } from '../../src/widgets/types';

class MemoryStorage implements Storage {
  readonly values = new Map<string, string>();
  full = false;
  get length(): number {
    return this.values.size;
  }
  key = (index: number) => [...this.values.keys()][index] ?? null;
  getItem = (key: string) => this.values.get(key) ?? null;
  setItem = (key: string, value: string) => {
    if (this.full) {
      throw new DOMException('full', 'QuotaExceededError');
    }
    this.values.set(key, value);
  };
  removeItem = (key: string) => void this.values.delete(key);
  clear = () => this.values.clear();
}

const plant: Dashboard = { format: 1, title: 'Plant', widgets: [{ id: 'rates-1', widget: 'builtin/rates', x: 0, y: 0, cols: 6, rows: 4, title: null, config: { limit: 5 } }] };
const info = { id: '@acme/doors', defaultSize: { cols: 4, rows: 3 } } as WidgetInfo;
const json = (change: object) => ({ ...JSON.parse(dashboardText(plant)), ...change });

test.each([
  ['is not an object', [], 'the dashboard is an array'],
  ['has another format', json({ format: 2 }), 'format is a number, expected 1'],
  ['has no list of widgets', json({ widgets: null }), 'widgets is null'],
  ['has a widget without a place', json({ widgets: [{ id: 'a', widget: 'b' }] }), 'widgets[0].cols is missing'],
  ['has two widgets with one id', json({ widgets: [plant.widgets[0], plant.widgets[0]] }), 'different ids'],
  ['has too many widgets', json({ widgets: Array.from({ length: mostWidgets + 1 }, (_, index) => ({ ...plant.widgets[0], id: `w${index}` })) }), 'at most 64'],
])('a file that %s is refused', (_, value, message) => {
  expect(() => decodeDashboard(value)).toThrow(DecodeError);
  expect(() => decodeDashboard(value)).toThrow(message);
});

test('a dashboard survives its JSON, and impossible places are corrected', () => {
  expect(decodeDashboard(JSON.parse(dashboardText(plant)))).toEqual(plant);
  const odd = decodeDashboard(json({ widgets: [{ ...plant.widgets[0], x: 99, y: -4, cols: 500, rows: 0 }] }));
  expect(odd.widgets[0]).toMatchObject({ x: 0, y: 0, cols: 12, rows: 1 });
});

test('a dashboard without a title or beyond 64 KiB cannot be saved', () => {
  expect(whyNotSave({ ...plant, title: ' ' })).toContain('no title');
  expect(whyNotSave({ ...plant, widgets: [{ ...plant.widgets[0]!, config: { text: 'x'.repeat(70_000) } }] })).toContain('at most 65536');
  expect(whyNotSave(plant)).toBe('');
});

test('names follow the rule of the host', () => {
  expect(['Plant', '-a', '', 'a'.repeat(65), 'a/b'].map(whyNotName).every((reason) => reason !== '')).toBe(true);
  expect(['plant', '3-lines', 'a'.repeat(64)].map(whyNotName)).toEqual(['', '', '']);
  expect(nameFor('Línea 3 (north)', new Set())).toBe('linea-3-north');
  expect(nameFor('Plant', new Set(['plant', 'plant-2']))).toBe('plant-3');
  expect(nameFor('漢字', new Set())).toBe('dashboard');
});

test('a second widget of one kind has a different id', () => {
  const first = withWidget(plant.widgets, info);
  const second = withWidget(first.widgets, info);
  expect([first.id, second.id]).toEqual(['doors-1', 'doors-2']);
  expect(second.widgets).toHaveLength(3);
});

test('a private dashboard that another tab changed or removed is neither overwritten nor deleted', () => {
  const mine = new PrivateDashboards('ann', new MemoryStorage());
  const etag = mine.put('plant', plant, null);
  expect(() => mine.put('plant', plant, null)).toThrow(DashboardConflict);
  const next = mine.put('plant', { ...plant, title: 'Plant 2' }, etag);
  expect(() => mine.put('plant', plant, etag)).toThrow(DashboardConflict);
  expect(() => mine.remove('plant', etag)).toThrow(DashboardConflict);
  expect(mine.get('plant')!.dashboard.title).toBe('Plant 2');
  mine.remove('plant', next);
  expect(() => mine.remove('plant', next)).toThrow('deleted');
  expect(() => mine.put('plant', plant, next)).toThrow('deleted');
});

test('private dashboards have a limit, and a full storage is reported', () => {
  const storage = new MemoryStorage();
  const mine = new PrivateDashboards('ann', storage);
  for (let index = 0; index < mostPrivate; index++) {
    mine.put(`d${index}`, plant, null);
  }
  expect(() => mine.put('one-more', plant, null)).toThrow('Delete one first');
  storage.full = true;
  expect(() => mine.put('d1', { ...plant, title: 'x' }, mine.get('d1')!.etag)).toThrow('full or disabled');
});

test('the list of private dashboards leaves out those of other users and those that cannot be read', () => {
  const storage = new MemoryStorage();
  storage.setItem('estream.ann.dashboard.broken', '{');
  storage.setItem('estream.ann.dashboard.Bad Name', dashboardText(plant));
  new PrivateDashboards('bob', storage).put('his', plant, null);
  const mine = new PrivateDashboards('ann', storage);
  mine.put('hers', plant, null);
  expect(mine.list().map(({ name }) => name)).toEqual(['hers']);
  expect(mine.get('none')).toBeNull();
  expect(() => mine.get('broken')).toThrow(SyntaxError);
});

test('a change names the version that it replaces, and another version of the host is a conflict', async () => {
  const answers = [
    new Response(null, { status: 204, headers: { etag: '"1"' } }),
    new Response('{"error":"changed","etag":"\\"2\\""}', { status: 409 }),
    new Response('{"error":"gone"}', { status: 404 }),
    new Response('{"error":"The host has 256 dashboards, the maximum."}', { status: 409 }),
    new Response(null, { status: 204 }),
    new Response(dashboardText(plant), { headers: { etag: '"2"' } }),
  ];
  const send = vi.fn((..._: unknown[]) => Promise.resolve(answers.shift()!));
  vi.stubGlobal('fetch', send);
  expect(await putDashboard('plant', plant, null)).toBe('"1"');
  await expect(putDashboard('plant', plant, '"1"')).rejects.toMatchObject({ name: 'DashboardConflict', etag: '"2"' });
  await expect(putDashboard('plant', plant, '"1"')).rejects.toMatchObject({ etag: null });
  await expect(putDashboard('plant', plant, '"1"')).rejects.toBeInstanceOf(StatusError);
  await deleteDashboard('plant', '"2"');
  expect(await fetchDashboard('plant')).toEqual({ dashboard: plant, etag: '"2"' });
  expect(send.mock.calls.map(([, options]) => (options as RequestInit).headers)).toMatchObject([{ 'if-none-match': '*' }, { 'if-match': '"1"' }, {}, {}, { 'if-match': '"2"' }, {}]);
  vi.unstubAllGlobals();
});
