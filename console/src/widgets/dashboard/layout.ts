import { cloneLayout, moveElement, verticalCompactor, type LayoutItem } from 'react-grid-layout/core';
import type { PlacedWidget, WidgetSize } from '../types';

/** The columns of a dashboard on a desk. A phone has one. */
export const gridColumns = 12;

/** The place of a widget on the grid, counted from 0. */
export interface Place {
  x: number;
  y: number;
}

/** The smallest and the largest size of a widget. */
export interface SizeLimits {
  minSize: WidgetSize;
  maxSize: WidgetSize;
}

type Widgets = readonly PlacedWidget[];

/** The layout of the grid component for widgets. */
export function layoutOf(widgets: Widgets): LayoutItem[] {
  return widgets.map(({ id, x, y, cols, rows }) => ({ i: id, x, y, w: cols, h: rows }));
}

/** The widgets at the places and with the sizes of a layout. Returns the same list if nothing changes. */
export function withLayout(widgets: Widgets, layout: readonly LayoutItem[]): Widgets {
  const items = new Map(layout.map((item) => [item.i, item]));
  const next = widgets.map((widget) => {
    const item = items.get(widget.id);
    return item === undefined || isAt(widget, item) ? widget : { ...widget, x: item.x, y: item.y, cols: item.w, rows: item.h };
  });
  return next.every((widget, index) => widget === widgets[index]) ? widgets : next;
}

function isAt({ x, y, cols, rows }: PlacedWidget, item: LayoutItem): boolean {
  return item.x === x && item.y === y && item.w === cols && item.h === rows;
}

/** Moves each widget up as far as it goes, and moves widgets that overlap down. */
export function compacted(widgets: Widgets): Widgets {
  return withLayout(widgets, verticalCompactor.compact(layoutOf(widgets), gridColumns));
}

/** The first place, by rows, where a widget of a size overlaps no other. */
export function firstFree(widgets: Widgets, size: WidgetSize): Place {
  const end = bottomOf(widgets);
  for (let y = 0; y < end; y++) {
    for (let x = 0; x + size.cols <= gridColumns; x++) {
      if (!widgets.some((other) => overlaps({ x, y, ...size }, other))) {
        return { x, y };
      }
    }
  }
  return { x: 0, y: end };
}

function overlaps(a: Place & WidgetSize, b: Place & WidgetSize): boolean {
  return a.x < b.x + b.cols && b.x < a.x + a.cols && a.y < b.y + b.rows && b.y < a.y + a.rows;
}

/** The first row below all widgets. */
export function bottomOf(widgets: Widgets): number {
  return widgets.reduce((bottom, { y, rows }) => Math.max(bottom, y + rows), 0);
}

/** The widgets from left to right and from top to bottom, as a screen reader reads them and a phone shows them. */
export function inReadingOrder(widgets: Widgets): PlacedWidget[] {
  return widgets.toSorted((a, b) => a.y - b.y || a.x - b.x);
}

/**
 * Moves a widget one step. Other widgets make room. The grid has no gaps, so a step down goes as far as necessary to
 * pass a widget. Returns the same list if the widget is at the edge.
 */
export function moved(widgets: Widgets, id: string, dx: -1 | 0 | 1, dy: -1 | 0 | 1): Widgets {
  const widget = widgets.find((one) => one.id === id);
  if (widget === undefined) {
    return widgets;
  }
  const furthest = dy === 0 ? 1 : bottomOf(widgets);
  for (let step = 1; step <= furthest; step++) {
    const next = placed(widgets, id, { x: widget.x + dx * step, y: widget.y + dy * step });
    if (next !== widgets) {
      return next;
    }
  }
  return widgets;
}

/** Moves a widget to a place. Other widgets make room. */
export function placed(widgets: Widgets, id: string, { x, y }: Place): Widgets {
  const layout = cloneLayout(layoutOf(widgets));
  const item = layout.find(({ i }) => i === id);
  if (item === undefined) {
    return widgets;
  }
  const column = clamp(x, 0, gridColumns - item.w);
  const result = moveElement(layout, item, column, clamp(y, 0, bottomOf(widgets)), true, false, 'vertical', gridColumns);
  return withLayout(widgets, verticalCompactor.compact(result, gridColumns));
}

/** Changes the size of a widget within its limits and the grid. Widgets below make room. */
export function resized(widgets: Widgets, id: string, size: WidgetSize, { minSize, maxSize }: SizeLimits): Widgets {
  const next = widgets.map((widget) => {
    if (widget.id !== id) {
      return widget;
    }
    const cols = clamp(size.cols, minSize.cols, Math.min(maxSize.cols, gridColumns - widget.x));
    const rows = clamp(size.rows, minSize.rows, maxSize.rows);
    return cols === widget.cols && rows === widget.rows ? widget : { ...widget, cols, rows };
  });
  return next.every((widget, index) => widget === widgets[index]) ? widgets : compacted(next);
}

/** Exchanges a widget with the previous or next widget in reading order, for a phone with one column. Returns the same list at the end. */
export function reordered(widgets: Widgets, id: string, step: -1 | 1): Widgets {
  const order = inReadingOrder(widgets);
  const index = order.findIndex((widget) => widget.id === id);
  const [first, second] = step < 0 ? [order[index - 1], order[index]] : [order[index], order[index + 1]];
  if (index < 0 || first === undefined || second === undefined) {
    return widgets;
  }
  const inRow = first.y === second.y;
  const before = { ...second, x: clamp(first.x, 0, gridColumns - second.cols), y: first.y };
  const after = inRow
    ? { ...first, x: clamp(before.x + before.cols, 0, gridColumns - first.cols), y: first.y }
    : { ...first, x: clamp(second.x, 0, gridColumns - first.cols), y: Math.max(second.y, first.y + 1) };
  const exchanged = widgets.map((widget) => (widget.id === first.id ? after : widget.id === second.id ? before : widget));
  const next = compacted(exchanged);
  const result = inReadingOrder(next).map((widget) => widget.id);
  return result.indexOf(second.id) < result.indexOf(first.id) ? next : stacked(widgets, order, first.id, second.id);
}

/** Sorts the widgets by an order of ids, with exchanges of neighbours. */
export function reorderedTo(widgets: Widgets, ids: readonly string[]): Widgets {
  let next = widgets;
  for (const [target, id] of ids.entries()) {
    for (let turn = 0; turn < ids.length && indexOf(next, id) > target; turn++) {
      next = reordered(next, id, -1);
    }
  }
  return next;
}

function indexOf(widgets: Widgets, id: string): number {
  return inReadingOrder(widgets).findIndex((widget) => widget.id === id);
}

/** Puts the second widget in the row of the first one and the first below it, where an exchange of places does not change the order. */
function stacked(widgets: Widgets, order: readonly PlacedWidget[], first: string, second: string): Widgets {
  const [one, two] = [order.find(({ id }) => id === first)!, order.find(({ id }) => id === second)!];
  const from = one.y;
  return compacted(
    widgets.map((widget) => {
      if (widget.id === second) {
        return { ...widget, x: 0, y: from };
      }
      if (widget.id === first) {
        return { ...widget, x: 0, y: from + two.rows };
      }
      return widget.y >= from ? { ...widget, y: widget.y + two.rows + one.rows } : widget;
    }),
  );
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, Math.round(value)));
}

/** The place and size of a widget in words. */
export function placeText({ x, y, cols, rows }: PlacedWidget): string {
  return `column ${x + 1}, row ${y + 1}, ${cols} wide, ${rows} high`;
}
