import { writeJson, type JsonObject, type JsonValue } from '../../api/json';
import { DecodeError, Reader } from '../../api/reader';
import type { Dashboard, PlacedWidget, WidgetInfo } from '../types';
import { compacted, firstFree, gridColumns } from './layout';

/** The limits of the host. */
export const mostWidgets = 64;
export const mostBytes = 64 * 1024;
export const longestTitle = 128;
const longestId = 64;
const mostRows = 64;
const lowest = 10_000;

const namePattern = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** Returns why a text is not the name of a dashboard; '' if it is. */
export function whyNotName(name: string): string {
  return namePattern.test(name) ? '' : 'A name has 1 to 64 lower-case letters, digits and hyphens, and starts with a letter or a digit.';
}

/** Returns a name for a title: `Line 3 (north)` becomes `line-3-north`. The name is not in `taken`. */
export function nameFor(title: string, taken: ReadonlySet<string>): string {
  const plain = title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 56)
    .replace(/-+$/, '');
  const base = plain === '' ? 'dashboard' : plain;
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name)) {
      return name;
    }
  }
}

/** Reads a dashboard of the host, of this browser or of a file. Throws DecodeError with the member that is wrong. Corrects places that overlap or exceed the grid. */
export function decodeDashboard(json: JsonValue): Dashboard {
  const root = Reader.of(json, 'the dashboard');
  if (root.count('format') !== 1) {
    throw new DecodeError('format', '1', root.members.format);
  }
  const widgets = root.list('widgets', decodePlaced);
  if (widgets.length > mostWidgets) {
    throw new DecodeError('widgets', `at most ${mostWidgets} widgets`, root.members.widgets);
  }
  if (new Set(widgets.map(({ id }) => id)).size !== widgets.length) {
    throw new DecodeError('widgets', 'a list whose members have different ids', root.members.widgets);
  }
  return { format: 1, title: titleOf(root.text('title')), widgets: compacted(widgets) };
}

function decodePlaced(item: Reader): PlacedWidget {
  const cols = within(item.count('cols'), 1, gridColumns);
  return {
    id: item.text('id').slice(0, longestId),
    widget: item.text('widget'),
    x: within(item.count('x'), 0, gridColumns - cols),
    y: within(item.count('y'), 0, lowest),
    cols,
    rows: within(item.count('rows'), 1, mostRows),
    title: titleOf(item.optionalText('title')) || null,
    config: item.has('config') ? item.object('config').members : {},
  };
}

/** A title as the host accepts it: without control characters, and not longer than 128 characters. */
function titleOf(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ').slice(0, longestTitle);
}

function within(value: number, least: number, most: number): number {
  return Math.min(Math.max(Number.isFinite(value) ? Math.round(value) : least, least), most);
}

/** The JSON of a dashboard, as the host, the browser and a file have it. */
export function dashboardText({ format, title, widgets }: Dashboard): string {
  return writeJson({ format, title, widgets: widgets.map((widget) => ({ ...widget })) }, 2);
}

/** The new dashboard in the state of a navigation; null if the state has no dashboard. */
export function decodeDraft(state: unknown): Dashboard | null {
  const draft = (state as { draft?: JsonValue } | null)?.draft;
  try {
    return draft === undefined ? null : decodeDashboard(draft);
  } catch {
    return null;
  }
}

/** Returns why a dashboard cannot be saved; '' if it can. */
export function whyNotSave(dashboard: Dashboard): string {
  if (dashboard.title.trim() === '') {
    return 'The dashboard has no title.';
  }
  const bytes = new TextEncoder().encode(dashboardText(dashboard)).length;
  return bytes > mostBytes ? `The dashboard has ${bytes} bytes; at most ${mostBytes} can be saved. Remove widgets or shorten their settings.` : '';
}

/** Adds a widget at the first free place. Returns the widgets, and the id of the new widget. */
export function withWidget(widgets: readonly PlacedWidget[], info: WidgetInfo, config: JsonObject = {}, title: string | null = null): { widgets: readonly PlacedWidget[]; id: string } {
  const id = freshId(widgets, info.id);
  const { cols, rows } = info.defaultSize;
  return { widgets: [...widgets, { id, widget: info.id, ...firstFree(widgets, { cols, rows }), cols, rows, title, config }], id };
}

/** An id that no widget of the dashboard has: the last part of the name of the widget, and a number. */
function freshId(widgets: readonly PlacedWidget[], widget: string): string {
  const taken = new Set(widgets.map(({ id }) => id));
  const base = widget.slice(widget.lastIndexOf('/') + 1).slice(0, longestId - 4);
  for (let number = 1; ; number++) {
    if (!taken.has(`${base}-${number}`)) {
      return `${base}-${number}`;
    }
  }
}
