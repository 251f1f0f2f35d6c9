// @vitest-environment happy-dom
import { act, createElement, StrictMode, type ReactNode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StatusError } from '../src/api/http';
import type { Session } from '../src/api/types';
import type { Column } from '../src/components/table/columns';
import { useTableChoices } from '../src/components/table/useTableChoices';
import { useFetch, type Fetched } from '../src/live/useFetch';
import { useEntries, watchDelayMs, type Entries } from '../src/pages/map/useEntries';
import { SessionContext } from '../src/state/SessionContext';
import { useNow } from '../src/state/useNow';
import { usePreference } from '../src/state/usePreference';
import { useUrlParameters, useUrlState } from '../src/state/useUrlState';

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

let root: Root;

beforeEach(() => {
  root = createRoot(document.createElement('div'));
});

afterEach(() => {
  act(() => root.unmount());
  vi.useRealTimers();
});

/** Renders a hook and returns a function that gives its newest result. */
function render<T>(hook: () => T, wrap: (child: ReactNode) => ReactNode = (child) => child): { result: () => T; again: () => void } {
  let newest: T;
  const Probe = () => {
    newest = hook();
    return null;
  };
  const draw = () => act(() => root.render(createElement(StrictMode, null, wrap(createElement(Probe)))));
  draw();
  return { result: () => newest, again: draw };
}

test('useFetch gives the answer, then the error of a later request, and keeps the answer', async () => {
  vi.useFakeTimers();
  const answers = [() => Promise.resolve('first'), () => Promise.resolve('first'), () => Promise.reject(new Error('lost'))];
  const load = vi.fn(() => answers.shift()!());
  const { result } = render<Fetched<string>>(() => useFetch(load, { everyMs: 1000 }));
  expect(result()).toMatchObject({ data: null, error: null, loading: true });

  await act(() => vi.advanceTimersByTimeAsync(0));
  expect(result()).toMatchObject({ data: 'first', error: null, loading: false });
  await act(() => vi.advanceTimersByTimeAsync(1000));
  expect(result()).toMatchObject({ data: 'first', loading: false });
  expect(result().error?.message).toBe('lost');
});

test('useFetch waits as long as a function of the newest answer returns, and ends if the function returns undefined', async () => {
  vi.useFakeTimers();
  let answers = 0;
  const load = vi.fn(() => Promise.resolve((answers += 1)));
  render<Fetched<number>>(() => useFetch(load, { everyMs: (answer) => (answer === 2 ? 5000 : answer === 4 ? undefined : 1000) }));
  await act(() => vi.advanceTimersByTimeAsync(0)); // StrictMode asks twice
  expect(answers).toBe(2);
  await act(() => vi.advanceTimersByTimeAsync(4000));
  expect(answers).toBe(2);
  await act(() => vi.advanceTimersByTimeAsync(1000));
  expect(answers).toBe(3);
  await act(() => vi.advanceTimersByTimeAsync(60_000));
  expect(answers).toBe(4);
});

test('a paused useFetch asks only for the first answer of each load, and continues where it was paused', async () => {
  vi.useFakeTimers();
  const load = (name: string) => vi.fn(() => Promise.resolve(name));
  const [first, second] = [load('first'), load('second')];
  let present = { load: first, paused: false };
  const { result, again } = render<Fetched<string>>(() => useFetch(present.load, { everyMs: 1000, paused: present.paused }));
  await act(() => vi.advanceTimersByTimeAsync(1500));
  present = { load: first, paused: true };
  again();
  const asked = first.mock.calls.length;
  await act(() => vi.advanceTimersByTimeAsync(5000));
  expect(first).toHaveBeenCalledTimes(asked);
  expect(result()).toMatchObject({ data: 'first', loading: false });
  present = { load: second, paused: true };
  again();
  await act(() => vi.advanceTimersByTimeAsync(5000));
  expect(second).toHaveBeenCalledTimes(1);
  expect(result().data).toBe('second');
  present = { load: second, paused: false };
  again();
  await act(() => vi.advanceTimersByTimeAsync(500));
  expect(second).toHaveBeenCalledTimes(2);
});

test('useFetch drops the answer about a part that was removed', async () => {
  vi.useFakeTimers();
  const answers = [() => Promise.resolve('first'), () => Promise.resolve('first'), () => Promise.reject(new StatusError(404, ''))];
  const load = vi.fn(() => answers.shift()!());
  const { result } = render<Fetched<string>>(() => useFetch(load, { everyMs: 1000 }));
  await act(() => vi.advanceTimersByTimeAsync(0));
  expect(result().data).toBe('first');
  await act(() => vi.advanceTimersByTimeAsync(1000));
  expect(result()).toMatchObject({ data: null, error: { status: 404 } });
});

test('a list of entries asks for no further page after an error, until it is read again', async () => {
  const entries = [{ key: 'a', version: 1, text: '1' }];
  const asked = vi.fn((url: string) => Promise.resolve(url.includes('after=') ? new Response('{"error":"busy"}', { status: 503 }) : new Response(JSON.stringify({ entries, total: 2, next: 'a' }))));
  vi.stubGlobal('fetch', asked);
  const settle = () => act(() => new Promise<void>((resolve) => setTimeout(resolve)));
  const { result } = render(() => useEntries('m', '', false, true));
  await settle();
  act(() => result().more!());
  await settle();
  expect(result()).toMatchObject({ entries: [{ key: 'a' }], more: undefined, error: { status: 503 } });
  act(() => result().reload());
  await settle();
  expect(result().error).toBe(null);
  expect(result().more).toBeDefined();
  vi.unstubAllGlobals();
});

test('a slow map is watched less often', () => {
  expect(watchDelayMs(5)).toBe(1000);
  expect(watchDelayMs(700)).toBe(7000);
});

test('useFetch cancels the request of an old load and drops its answer', async () => {
  const signals: AbortSignal[] = [];
  const endings: ((answer: string) => void)[] = [];
  const load = () => (signal: AbortSignal) => {
    signals.push(signal);
    return new Promise<string>((resolve) => endings.push(resolve));
  };
  let present = load();
  const { result, again } = render<Fetched<string>>(() => useFetch(present));
  const old = signals.length - 1;
  present = load();
  again();
  expect(signals[old]!.aborted).toBe(true);
  await act(async () => {
    endings.at(-1)!('new');
    endings[old]!('old');
    await Promise.resolve();
  });
  expect(result().data).toBe('new');
});

test('useFetch asks nothing while it is not active', () => {
  const load = vi.fn(() => Promise.resolve(1));
  const { result } = render<Fetched<number>>(() => useFetch(load, { active: false }));
  expect(load).not.toHaveBeenCalled();
  expect(result().loading).toBe(false);
});

test('a page of entries that arrives after a change of the prefix is dropped', async () => {
  const pending: ((body: string) => void)[] = [];
  vi.stubGlobal('fetch', () => new Promise((resolve) => pending.push((body) => resolve(new Response(body)))));
  const page = (keys: string[], next: string | null) =>
    JSON.stringify({ entries: keys.map((key) => ({ key, version: 1, text: 'x' })), total: keys.length, next, owner: 'client', writable: true });
  let prefix = 'a';
  const { result, again } = render<Entries>(() => useEntries('m', prefix, false, true));
  const answer = (body: string) =>
    act(async () => {
      pending.splice(0).forEach((resolve) => resolve(body));
      await new Promise((resolve) => setTimeout(resolve));
    });
  await answer(page(['a1'], 'a1'));
  expect(result().entries?.map(({ key }) => key)).toEqual(['a1']);
  act(() => result().more!());
  const late = pending.splice(0);
  prefix = 'b';
  again();
  await answer(page(['b1'], null));
  await act(async () => {
    late.forEach((resolve) => resolve(page(['a2'], null)));
    await new Promise((resolve) => setTimeout(resolve));
  });
  expect(result().entries?.map(({ key }) => key)).toEqual(['b1']);
  vi.unstubAllGlobals();
});

test('two changes of the address in one turn both stay, and an initial value is not in the address', () => {
  history.replaceState(null, '', '/queues/a?seek=first');
  const { result } = render(
    () => ({ filter: useUrlState('filter'), follow: useUrlState('follow', '1'), setAll: useUrlParameters() }),
    (child) => createElement(BrowserRouter, { useTransitions: false, children: child }),
  );
  act(() => {
    result().filter[1]('value > 70');
    result().setAll({ seek: '', schema: 'S' });
  });
  expect(Object.fromEntries(new URLSearchParams(location.search))).toEqual({ filter: 'value > 70', schema: 'S' });
  expect(result().filter[0]).toBe('value > 70');
  act(() => result().follow[1]('1'));
  expect(location.search).not.toContain('follow');
});

test('a preference is remembered for each user, and a stored value of another form is ignored', () => {
  localStorage.clear();
  const accept = (stored: unknown) => (typeof stored === 'string' ? stored : null);
  const user = { name: 'ann', role: 'viewer', scopes: [], isSignedIn: true };
  const wrap = (child: ReactNode) => createElement(SessionContext, { value: { ...user } }, child);
  const { result, again } = render(() => usePreference('sort', 'name', accept), wrap);
  act(() => result()[1]('-rate'));
  expect(result()[0]).toBe('-rate');
  user.name = 'ben';
  again();
  expect(result()[0]).toBe('name');
  user.name = 'ann';
  again();
  expect(result()[0]).toBe('-rate');
  localStorage.setItem('estream.cid.sort', '7');
  user.name = 'cid';
  again();
  expect(result()[0]).toBe('name');
});

test('users of the same interval see the same time, which one timer updates', () => {
  vi.useFakeTimers();
  const { result } = render(() => [useNow(1000), useNow(1000), useNow(250, false)] as const);
  const [first] = result();
  expect(vi.getTimerCount()).toBe(1);
  act(() => vi.advanceTimersByTime(1000));
  expect(result()).toEqual([first + 1000, first + 1000, first]);
  act(() => root.render(null));
  expect(vi.getTimerCount()).toBe(0);
});

test('the columns of a table are remembered for each user, and not before the user is known', () => {
  localStorage.clear();
  const columns: readonly Column<string>[] = [
    { id: 'name', title: 'Name', value: (row) => row },
    { id: 'rate', title: 'Rate', value: (row) => row, show: 'chosen' },
  ];
  let session: Session | null = null;
  const { result, again } = render(() => useTableChoices('queues', columns, undefined), (child) => createElement(SessionContext, { value: session }, child));
  act(() => result().setVisibility('name', false));
  expect(result().visibility).toEqual({ name: false, rate: false });
  expect(localStorage).toHaveLength(0);

  session = { name: 'ann', role: 'viewer', scopes: [], isSignedIn: true };
  again();
  act(() => result().setVisibility('rate', true));
  expect(result().visibility).toEqual({ name: true, rate: true });
  session = { ...session, name: 'ben' };
  again();
  expect(result().visibility).toEqual({ name: true, rate: false });
  session = { ...session, name: 'ann' };
  again();
  const { visibility } = result();
  expect(visibility).toEqual({ name: true, rate: true });
  again();
  expect(result().visibility).toBe(visibility);
});
