import { expect, test } from 'vitest';
import type { PlacedWidget } from '../../src/widgets/types';
import { compacted, firstFree, gridColumns, inReadingOrder, layoutOf, moved, placed, reordered, reorderedTo, resized, withLayout } from '../../src/widgets/dashboard/layout';

const limits = { minSize: { cols: 2, rows: 2 }, maxSize: { cols: 12, rows: 8 } };

function widget(id: string, x: number, y: number, cols: number, rows: number): PlacedWidget {
  return { id, widget: `builtin/${id}`, x, y, cols, rows, title: null, config: {} };
}

/** Two widgets in a row, and a wide one below. */
const three = [widget('a', 0, 0, 6, 3), widget('b', 6, 0, 6, 3), widget('c', 0, 3, 12, 2)];

function placesOf(widgets: readonly PlacedWidget[]): Record<string, number[]> {
  return Object.fromEntries(widgets.map(({ id, x, y, cols, rows }) => [id, [x, y, cols, rows]]));
}

function expectTidy(widgets: readonly PlacedWidget[], ids: string): void {
  expect(widgets.map(({ id }) => id).join('')).toBe(ids);
  for (const one of widgets) {
    expect(one.x).toBeGreaterThanOrEqual(0);
    expect(one.y).toBeGreaterThanOrEqual(0);
    expect(one.x + one.cols).toBeLessThanOrEqual(gridColumns);
    for (const other of widgets) {
      const apart = one === other || one.x + one.cols <= other.x || other.x + other.cols <= one.x || one.y + one.rows <= other.y || other.y + other.rows <= one.y;
      expect(apart, `${one.id} and ${other.id} overlap: ${JSON.stringify(placesOf(widgets))}`).toBe(true);
    }
  }
}

test('a widget at an edge does not move, and an unknown widget changes nothing', () => {
  expect(moved(three, 'a', -1, 0)).toBe(three);
  expect(moved(three, 'a', 0, -1)).toBe(three);
  expect(moved(three, 'b', 1, 0)).toBe(three);
  expect(moved(three, 'c', 0, 1)).toBe(three);
  expect(moved(three, 'nothing', 0, 1)).toBe(three);
  expect(resized(three, 'c', { cols: 13, rows: 2 }, limits)).toBe(three);
});

test('a step down passes the widget below, and a step up returns', () => {
  const down = moved(three, 'a', 0, 1);
  expectTidy(down, 'abc');
  expect(down.find(({ id }) => id === 'a')!.y).toBeGreaterThan(down.find(({ id }) => id === 'c')!.y);
  const up = moved(down, 'a', 0, -1);
  expectTidy(up, 'abc');
  expect(up.find(({ id }) => id === 'a')!.y).toBeLessThan(up.find(({ id }) => id === 'c')!.y);
});

test('a step to the right moves other widgets away', () => {
  const right = moved(three, 'a', 1, 0);
  expectTidy(right, 'abc');
  expect(placesOf(right).a!.slice(0, 2)).toEqual([1, 0]);
  expect(placesOf(right).b![1]).toBe(3);
});

test('a size keeps to its limits and to the grid, and widgets below make room', () => {
  expect(placesOf(resized(three, 'b', { cols: 9, rows: 99 }, limits)).b).toEqual([6, 0, 6, 8]);
  expect(placesOf(resized(three, 'a', { cols: 1, rows: 1 }, limits)).a).toEqual([0, 0, 2, 2]);
  const tall = resized(three, 'a', { cols: 6, rows: 5 }, limits);
  expectTidy(tall, 'abc');
  expect(placesOf(tall).c![1]).toBe(5);
  const wide = resized(three, 'a', { cols: 8, rows: 3 }, limits);
  expectTidy(wide, 'abc');
  expect(placesOf(wide).a).toEqual([0, 0, 8, 3]);
});

test('widgets that overlap or float are put in order', () => {
  const tidy = compacted([widget('a', 0, 5, 6, 2), widget('b', 3, 5, 6, 2), widget('c', 9, 90, 3, 1)]);
  expectTidy(tidy, 'abc');
  expect(placesOf(tidy).c).toEqual([9, 0, 3, 1]);
});

test('a new widget takes the first gap that is large enough', () => {
  const gap = [widget('a', 0, 0, 4, 3), widget('b', 8, 0, 4, 3)];
  expect(firstFree(gap, { cols: 4, rows: 3 })).toEqual({ x: 4, y: 0 });
  expect(firstFree(gap, { cols: 5, rows: 3 })).toEqual({ x: 0, y: 3 });
  expect(firstFree([], { cols: 4, rows: 3 })).toEqual({ x: 0, y: 0 });
});

test('a layout without changes keeps the list, so that nothing is drawn again', () => {
  expect(withLayout(three, layoutOf(three))).toBe(three);
  expect(placed(three, 'a', { x: 0, y: 0 })).toBe(three);
});

test('reordering exchanges a widget with its neighbour in reading order', () => {
  const next = reordered(three, 'b', -1);
  expectTidy(next, 'abc');
  expect(inReadingOrder(next).map(({ id }) => id)).toEqual(['b', 'a', 'c']);
  expect(inReadingOrder(reordered(three, 'a', 1)).map(({ id }) => id)).toEqual(['b', 'a', 'c']);
  expect(inReadingOrder(reordered(three, 'c', -1)).map(({ id }) => id)).toEqual(['a', 'c', 'b']);
  expect(reordered(three, 'a', -1)).toBe(three);
  expect(reordered(three, 'c', 1)).toBe(three);
});

test('widgets come into any order, and an order that they have changes nothing', () => {
  const next = reorderedTo(three, ['c', 'b', 'a']);
  expectTidy(next, 'abc');
  expect(inReadingOrder(next).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  expect(reorderedTo(three, ['a', 'b', 'c'])).toBe(three);
});

test('no sequence of changes loses a widget, lets two overlap, or leaves the grid', () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  const ids = 'abcdefgh';
  let widgets: readonly PlacedWidget[] = compacted([...ids].map((id) => widget(id, random(8), random(6), 2 + random(4), 2 + random(4))));
  for (let turn = 0; turn < 2000; turn++) {
    const id = ids[random(ids.length)]!;
    const step = random(2) === 0 ? -1 : 1;
    const kind = random(4);
    const order = inReadingOrder(widgets).map((one) => one.id);
    if (kind === 0) {
      widgets = moved(widgets, id, step, 0);
    } else if (kind === 1) {
      widgets = moved(widgets, id, 0, step);
    } else if (kind === 2) {
      const { cols, rows } = widgets.find((one) => one.id === id)!;
      widgets = resized(widgets, id, { cols: cols + random(3) - 1, rows: rows + random(3) - 1 }, limits);
    } else {
      widgets = reordered(widgets, id, step);
      const before = order.indexOf(id);
      if (order[before + step] !== undefined) {
        const after = inReadingOrder(widgets).map((one) => one.id);
        expect(Math.sign(after.indexOf(id) - after.indexOf(order[before + step]!))).toBe(step);
      }
    }
    expectTidy(widgets, ids);
  }
});
