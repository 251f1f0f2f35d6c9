// @vitest-environment happy-dom
import { act, useState } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { announcement } from '../../src/state/announcer';
import type { PlacedWidget } from '../../src/widgets/types';
import { DashboardGrid } from '../../src/widgets/dashboard/DashboardGrid';

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const time = { from: 0, to: 1, isLive: true, isPaused: false };
const at = (id: string, x: number, y: number): PlacedWidget => ({ id, widget: `@acme/${id}`, x, y, cols: 4, rows: 2, title: id.toUpperCase(), config: {} });
const three = [at('a', 0, 0), at('b', 4, 0), at('c', 0, 2)];

let root: Root;
let box: HTMLElement;
let widgets: readonly PlacedWidget[];
const removed = vi.fn();
const configured = vi.fn();

beforeEach(() => {
  box = document.body.appendChild(document.createElement('div'));
  root = createRoot(box);
  removed.mockClear();
  configured.mockClear();
});

afterEach(() => {
  act(() => root.unmount());
  box.remove();
});

function Probe({ isEditing, initial }: { isEditing: boolean; initial: readonly PlacedWidget[] }) {
  const [shown, setShown] = useState(initial);
  widgets = shown;
  return <DashboardGrid widgets={shown} catalogue={{ widgets: [], themes: [], refused: [] }} catalogueError={null} onRetry={() => undefined} time={time} isEditing={isEditing} onWidgets={setShown} onConfigure={configured} onRemove={removed} onConfigChange={() => undefined} />;
}

async function draw(widthPx: number, isEditing = true, initial = three): Promise<void> {
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(widthPx);
  await act(async () => root.render(<Probe isEditing={isEditing} initial={initial} />));
}

function card(id: string): HTMLElement {
  return box.querySelector<HTMLElement>(`[data-widget="${id}"]`)!;
}

/** Presses keys on the element that has the focus. */
function press(...keys: string[]): void {
  for (const name of keys) {
    const shiftKey = name.startsWith('Shift+');
    act(() => void document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key: shiftKey ? name.slice(6) : name, shiftKey, bubbles: true, cancelable: true })));
  }
}

function placeOf(id: string): number[] {
  const { x, y, cols, rows } = widgets.find((one) => one.id === id)!;
  return [x, y, cols, rows];
}

test('keys do nothing while the dashboard is not edited', async () => {
  await draw(1200, false);
  card('a').focus();
  press('Enter', 'ArrowRight', 'Delete');
  expect(widgets).toBe(three);
  expect(removed).not.toHaveBeenCalled();
  expect(box.querySelectorAll('[aria-label^="Move"], [aria-label^="Settings"], [aria-label^="Remove"]')).toHaveLength(0);
});

test('a collapsed card is a strip, the cards below move up, and an edit shows and keeps the real height', async () => {
  const tall = [{ ...at('a', 0, 0), rows: 6 }, at('b', 0, 6)];
  await draw(1200, false, tall);
  const places = () => [...box.querySelectorAll<HTMLElement>('.widget-slot')].map(({ style }) => [style.top, style.height]);
  expect(places()).toEqual([['0px', '434px'], ['444px', '138px']]);
  const button = (label: string) => card('a').querySelector<HTMLElement>(`[aria-label="${label}: A"]`);
  await act(async () => button('Collapse')!.click());
  expect(places()).toEqual([['0px', '138px'], ['148px', '138px']]);
  await draw(1200, true, tall);
  expect(places()[0]).toEqual(['0px', '434px']);
  expect(widgets).toBe(tall);
  await draw(1200, false, tall);
  await act(async () => button('Expand')!.click());
  expect(places()[0]).toEqual(['0px', '434px']);
});

test('arrow keys do nothing before the card is in the mode Move and resize', async () => {
  await draw(1200);
  card('a').focus();
  press('ArrowRight', 'Shift+ArrowDown');
  expect(widgets).toBe(three);
});

test('arrow keys move, Shift and arrow keys resize, and each step is announced', async () => {
  await draw(1200);
  card('b').focus();
  press('Enter');
  expect(announcement.get()).toContain('Moving B: column 5, row 1');
  press('ArrowRight', 'ArrowRight');
  expect(announcement.get()).toBe('B: column 7, row 1, 4 wide, 2 high');
  press('Shift+ArrowRight', 'Shift+ArrowDown');
  expect(placeOf('b')).toEqual([6, 0, 5, 3]);
  press('Shift+ArrowRight', 'Shift+ArrowRight');
  expect(announcement.get()).toContain('limit of its size');
  press('Enter');
  press('ArrowLeft');
  expect(placeOf('b')).toEqual([6, 0, 6, 3]);
  expect(document.activeElement).toBe(card('b'));
});

test('Escape returns all widgets to their earlier places', async () => {
  await draw(1200);
  card('a').focus();
  press('Enter', 'ArrowDown', 'ArrowRight', 'Shift+ArrowDown');
  expect(widgets).not.toEqual(three);
  press('Escape');
  expect(widgets).toEqual(three);
  press('ArrowDown');
  expect(widgets).toEqual(three);
});

test('a card that loses the focus stays where it is and leaves the mode', async () => {
  await draw(1200);
  card('a').focus();
  press('Enter', 'ArrowRight');
  act(() => card('c').focus());
  act(() => card('a').focus());
  press('ArrowRight');
  expect(placeOf('a')[0]).toBe(1);
});

test('the button starts the mode with the focus on the card, and the other buttons configure and remove', async () => {
  await draw(1200);
  const button = (name: string) => box.querySelector<HTMLElement>(`button[aria-label="${name}: A"]`)!;
  act(() => button('Move and resize').focus());
  act(() => button('Move and resize').click());
  expect(document.activeElement).toBe(card('a'));
  press('ArrowRight');
  expect(placeOf('a')[0]).toBe(1);
  act(() => button('Settings').click());
  expect(configured).toHaveBeenCalledWith('a');
  act(() => card('b').focus());
  press('Delete');
  expect(removed).toHaveBeenCalledWith('b');
});

test('on a phone, arrow keys and buttons change the order, and only the height changes', async () => {
  await draw(390);
  card('b').focus();
  press('Enter', 'ArrowUp');
  expect(announcement.get()).toBe('B: number 1 of 3, 2 high');
  press('Shift+ArrowRight');
  expect(placeOf('b')[2]).toBe(4);
  press('Shift+ArrowDown', 'Enter');
  expect(placeOf('b')).toEqual([0, 0, 4, 3]);
  act(() => box.querySelector<HTMLElement>('button[aria-label="Down: B"]')!.click());
  expect(announcement.get()).toContain('B: number 2 of 3');
});
