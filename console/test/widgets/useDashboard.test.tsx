// @vitest-environment happy-dom
import { act, createElement } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DashboardConflict } from '../../src/widgets/api/dashboards';
import { StatusError } from '../../src/api/http';
import { useDashboard, type DashboardState } from '../../src/widgets/dashboard/useDashboard';
import type { DashboardSource } from '../../src/widgets/dashboard/source';
import type { Dashboard, PlacedWidget } from '../../src/widgets/types';

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const at = (id: string, y: number): PlacedWidget => ({ id, widget: `builtin/${id}`, x: 0, y, cols: 6, rows: 2, title: null, config: {} });
const plant: Dashboard = { format: 1, title: 'Plant', widgets: [at('a', 0), at('b', 2)] };

let root: Root;
let state: DashboardState;
let save: ReturnType<typeof vi.fn<DashboardSource['save']>>;
let load: ReturnType<typeof vi.fn<DashboardSource['load']>>;

beforeEach(() => {
  vi.useFakeTimers();
  root = createRoot(document.createElement('div'));
  load = vi.fn<DashboardSource['load']>(() => Promise.resolve({ dashboard: plant, etag: '"1"' }));
  save = vi.fn<DashboardSource['save']>(() => Promise.resolve('"2"'));
});

afterEach(() => {
  act(() => root.unmount());
  vi.useRealTimers();
});

/** Renders the state of a dashboard that is loaded, or of a new one. */
async function open(initial: Dashboard | null = null): Promise<void> {
  const source: DashboardSource = { kind: 'shared', name: 'plant', address: '/dashboards/plant', load, save, remove: () => Promise.resolve() };
  const Probe = () => {
    state = useDashboard(source, initial);
    return null;
  };
  await act(async () => root.render(createElement(Probe)));
}

test('Done that fails keeps the changes and says why', async () => {
  await open();
  save.mockRejectedValueOnce(new StatusError(503, '{"error":"The host is stopping."}'));
  act(() => state.edit());
  act(() => state.change({ ...plant, title: 'Plant 2' }));
  await act(async () => expect(await state.done()).toBe(false));
  expect(state).toMatchObject({ isEditing: true, isDirty: true, failure: 'The host is stopping.' });
  expect(state.dashboard!.title).toBe('Plant 2');
});

test('a version of another user is a conflict, and overwriting names that version', async () => {
  await open();
  save.mockRejectedValueOnce(new DashboardConflict('"9"'));
  act(() => state.edit());
  act(() => state.change({ ...plant, title: 'Mine' }));
  await act(async () => void (await state.done()));
  expect(state.conflict).toEqual({ etag: '"9"' });
  await act(async () => expect(await state.done(state.conflict!.etag)).toBe(true));
  expect(save.mock.calls.map(([, etag]) => etag)).toEqual(['"1"', '"9"']);
  expect(state).toMatchObject({ isEditing: false, conflict: undefined });
});

test('a deleted dashboard can be saved again', async () => {
  await open();
  save.mockRejectedValueOnce(new DashboardConflict(null));
  act(() => state.edit());
  act(() => state.change({ ...plant, title: 'Mine' }));
  await act(async () => void (await state.done()));
  await act(async () => void (await state.done(state.conflict!.etag)));
  expect(save.mock.lastCall![1]).toBeNull();
});

test('a dashboard without a title is not sent', async () => {
  await open();
  act(() => state.edit());
  act(() => state.change({ ...plant, title: ' ' }));
  await act(async () => void (await state.done()));
  expect(state.failure).toContain('no title');
  expect(save).not.toHaveBeenCalled();
});

test('many changes are saved once, in reading order, and nothing is saved without a change', async () => {
  await open();
  act(() => state.edit());
  await act(async () => void (await state.done()));
  expect(save).not.toHaveBeenCalled();

  act(() => state.edit());
  for (let y = 0; y < 20; y++) {
    act(() => state.change({ ...plant, widgets: [at('a', y + 2), at('b', 0)] }));
  }
  await act(async () => void (await state.done()));
  expect(save).toHaveBeenCalledOnce();
  expect(save.mock.calls[0]![0].widgets.map(({ id }) => id)).toEqual(['b', 'a']);
});

test('Cancel returns to the stored version', async () => {
  await open();
  act(() => state.edit());
  act(() => state.change({ ...plant, title: 'Mine' }));
  await act(async () => state.cancel());
  expect(state).toMatchObject({ isEditing: false, isDirty: false });
  expect(state.dashboard!.title).toBe('Plant');
});

test('the saved dashboard is shown until the host answers, then the version of the host', async () => {
  await open();
  act(() => state.edit());
  act(() => state.change({ ...plant, title: 'Plant 2' }));
  load.mockImplementation(() => new Promise(() => undefined));
  await act(async () => void (await state.done()));
  expect(state).toMatchObject({ etag: '"2"', isEditing: false });
  expect(state.dashboard!.title).toBe('Plant 2');
  load.mockImplementation(() => Promise.resolve({ dashboard: { ...plant, title: 'Plant 3' }, etag: '"3"' }));
  await act(async () => state.reload());
  expect(state.dashboard!.title).toBe('Plant 3');
});

test('a new dashboard is edited at once and stored by Done alone', async () => {
  await open({ ...plant, title: 'New' });
  expect(state).toMatchObject({ isEditing: true, isDirty: true, etag: null });
  expect(load).not.toHaveBeenCalled();
  await act(async () => void (await state.done()));
  expect(save.mock.calls[0]![1]).toBeNull();
  load.mockImplementation(() => Promise.reject(new StatusError(404, '')));
  await act(async () => state.reload());
  expect(state.dashboard).toBeNull();
});

test('the page does not ask for other versions while it is edited', async () => {
  await open();
  act(() => state.edit());
  load.mockClear();
  await act(() => vi.advanceTimersByTimeAsync(60_000));
  expect(load).not.toHaveBeenCalled();
});
