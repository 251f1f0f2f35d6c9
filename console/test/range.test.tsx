// @vitest-environment happy-dom
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CustomRange } from '../src/components/charts/CustomRange';
import type { TimeRange } from '../src/state/timeRange';

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

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
