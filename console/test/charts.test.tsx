// @vitest-environment happy-dom
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answer } from '../dev/mock/answers.ts';
import { MockState } from '../dev/mock/state.ts';
import { toWireJson } from '../dev/mock/wire.ts';
import { CustomRange } from '../src/components/charts/CustomRange';
import { HistoryChart } from '../src/components/charts/HistoryChart';
import type { TimeRange } from '../src/state/timeRange';

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

// The DOM of the tests has no canvas.
vi.mock('../src/components/charts/HistoryPlot', () => ({ HistoryPlot: () => <p>plot</p> }));

let root: Root;
let box: HTMLElement;
const chosen = vi.fn<(range: TimeRange) => void>();

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 30, 14) });
  box = document.body.appendChild(document.createElement('div'));
  root = createRoot(box);
  chosen.mockClear();
  draw();
});

afterEach(() => {
  act(() => root.unmount());
  box.remove();
  vi.useRealTimers();
});

const draw = () => act(() => root.render(<CustomRange range={{ kind: 'last', name: '1h' }} onRange={chosen} />));
const button = () => box.querySelector('button')!;
const field = (name: string) => box.querySelector<HTMLInputElement>(`input[name=${name}]`)!;

test('a custom range keeps what the user types while the page is drawn again', () => {
  act(() => button().click());
  const from = field('from');
  from.value = '2026-11-30T09:00:00';
  vi.advanceTimersByTime(5000);
  draw();
  expect(field('from')).toBe(from);
  act(() => box.querySelector('form')!.requestSubmit());
  expect(chosen).toHaveBeenCalledOnce();
  expect(chosen.mock.calls[0]![0]).toMatchObject({ kind: 'fixed', from: Date.parse('2026-11-30T09:00:00') });
  expect(box.querySelector('form')).toBe(null);
  expect(document.activeElement).toBe(button());
});

test('a custom range that ends before it begins is refused, and Escape closes the form', () => {
  act(() => button().click());
  field('to').value = '2026-11-30T01:00:00';
  field('from').value = '2026-11-30T09:00:00';
  act(() => box.querySelector('form')!.requestSubmit());
  expect(box.textContent).toContain('The end must be after the beginning.');
  expect(chosen).not.toHaveBeenCalled();
  act(() => void dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' })));
  expect(box.querySelector('form')).toBe(null);
});

test('a click outside closes the form', () => {
  act(() => button().click());
  act(() => void field('to').dispatchEvent(new Event('pointerdown', { bubbles: true })));
  expect(box.querySelector('form')).not.toBe(null);
  act(() => void document.body.dispatchEvent(new Event('pointerdown', { bubbles: true })));
  expect(box.querySelector('form')).toBe(null);
});

test('a chart whose series have no values shows a sentence instead of axes', async () => {
  const state = new MockState();
  vi.stubGlobal('fetch', (url: string) => Promise.resolve(new Response(toWireJson(answer({ method: 'GET', url: new URL(url, 'http://mock'), body: '' }, state)!.body))));
  const time = { range: { kind: 'last', name: '1h' }, setRange: vi.fn(), paused: false, setPaused: vi.fn() } as const;
  const shown = async (adapter: string): Promise<string> => {
    const series = ['p50', 'p99'].map((measure) => ({ name: `adapter/${adapter}/${measure}`, label: measure }));
    await act(async () => {
      root.render(<HistoryChart title="Time to store" series={series} time={time} />);
      await vi.advanceTimersByTimeAsync(100);
    });
    return box.textContent;
  };
  expect(await shown('devices')).toMatch(/^Time to storeplot.*p50.*p99/);
  expect(await shown('drop-copy')).toBe('Time to storeThe host recorded no value in this time.');
  vi.unstubAllGlobals();
});
