// @vitest-environment happy-dom
import { act, createElement } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import themeScript from '../../public/theme.js?raw';
import { widgetFile, widgets } from '../../dev/mock/widgets/catalogue.ts';
import type { JsonValue } from '../../src/api/json';
import type { Session } from '../../src/api/types';
import { StatusError } from '../../src/api/http';
import { decodeWidgets, fileHref } from '../../src/widgets/api/catalogue';
import { SessionContext } from '../../src/state/SessionContext';
import { fetchBundle } from '../../src/widgets/frame/bundles';
import { PortHost } from '../../src/widgets/frame/portHost';
import type { FrameStart } from '../../src/widgets/frame/protocol';
import { mostCharsOfAll, mostStoredChars, removeUninstalled, WidgetStore, type TextStore } from '../../src/widgets/frame/storage';
import type { WidgetCatalogue } from '../../src/widgets/types';
import { InstalledWidgetView } from '../../src/widgets/InstalledWidgetView';
import { whyNotShown } from '../../src/widgets/whyNotShown';

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

new Function(themeScript)();

const catalogue = decodeWidgets(widgets() as JsonValue);
const [doors] = catalogue.widgets;
const time = { from: 0, to: 1, isLive: true, isPaused: false };
const admin: Session = { name: 'ann', role: 'admin', scopes: [], isSignedIn: true };

let root: Root;
let element: HTMLElement;

beforeEach(() => {
  element = document.createElement('div');
  root = createRoot(element);
});

afterEach(() => {
  act(() => root.unmount());
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function show(shown: WidgetCatalogue | null = catalogue, id = '@acme/doors', session = admin, error: Error | null = null): Promise<void> {
  const view = createElement(InstalledWidgetView, { id, catalogue: shown, error, onRetry: () => {}, config: {}, time, onConfigChange: () => {} });
  await act(async () => {
    root.render(createElement(SessionContext, { value: session }, view));
    // The view loads the frame with the first widget of a component.
    await import('../../src/widgets/frame/WidgetFrame');
  });
  await act(async () => {});
}

test('a bundle whose SHA-256 is not the one of the catalogue is refused', async () => {
  const text = widgetFile(fileHref(doors!, doors!.entry).replace(/\?.*/, ''))!.body;
  const answer = (body: string) => vi.stubGlobal('fetch', async () => new Response(body));
  answer(text.replace('Waiting', 'Wasting'));
  await expect(fetchBundle(doors!)).rejects.toThrow('SHA-256');
  answer(`${text} `);
  await expect(fetchBundle(doors!)).rejects.toThrow('SHA-256');
  answer(text);
  await expect(fetchBundle(doors!)).resolves.toBe(text);
});

test('the URL of a file names the content, and its path is encoded except the name of the component', () => {
  expect(fileHref({ id: '@acme/doors', version: '1.0.0+a', root256: 'f0' }, 'assets/a b?.svg')).toBe('/api/widgets/@acme/doors/1.0.0%2Ba/files/assets/a%20b%3F.svg?f0');
});

test('a frame has a sandbox that allows scripts and nothing else, inside a bar with tier, version and signer', async () => {
  await show();
  const frame = element.querySelector('iframe')!;
  expect(frame.getAttribute('sandbox')).toBe('allow-scripts');
  expect(frame.getAttribute('src')).toBe('/widgets/frame');
  const text = element.querySelector('.widget-bar')!.textContent;
  expect(text).toContain('verified');
  expect(text).toContain('@acme/doors 0.1.0');
  expect(text).toContain(doors!.keyId.slice(0, 8));
  expect(element.textContent).toContain('Needs the circuits @acme/doors-count');
});

test('a running widget of a revoked release disappears, and the card says why', async () => {
  await show();
  expect(element.querySelector('iframe')).not.toBeNull();
  const refused = { name: '@acme/doors', version: '0.1.0', root256: doors!.root256, reason: `The release ${doors!.root256} is revoked.` };
  await show({ ...catalogue, widgets: [], refused: [refused] });
  expect(element.querySelector('iframe')).toBeNull();
  expect(element.textContent).toContain(refused.reason);
});

test('a widget that was dropped can be reloaded, and starts by itself when its version or its rights change', async () => {
  vi.useFakeTimers();
  await show();
  const drop = () => act(() => vi.advanceTimersByTime(6000));
  drop();
  expect(element.querySelector('iframe')).toBeNull();
  expect(element.textContent).toContain('The widget does not answer.');
  act(() => element.querySelector('button')!.click());
  expect(element.querySelector('iframe')).not.toBeNull();
  for (const change of [{ version: '0.2.0', root256: 'f'.repeat(64), stamp: 'b' }, { tier: 'community' as const, permissions: [], stamp: 'c' }]) {
    drop();
    expect(element.querySelector('iframe')).toBeNull();
    await show({ ...catalogue, widgets: [{ ...doors!, ...change }] });
    expect(element.querySelector('iframe')).not.toBeNull();
  }
});

/** Connects the frame as its document does. Returns the function that sends a message of the frame. */
async function connectFrame(): Promise<(message: object) => void> {
  const frame = element.querySelector('iframe')!;
  let port: MessagePort | null = null;
  const contentWindow = { postMessage: (_text: string, _origin: string, [given]: MessagePort[]) => (port = given!) };
  Object.defineProperties(frame, { contentDocument: { value: null }, contentWindow: { value: contentWindow } });
  frame.dispatchEvent(new Event('load'));
  await vi.waitFor(() => expect(port).not.toBeNull());
  return (message) => port!.postMessage(JSON.stringify(message));
}

/** Waits until the page has drawn what `check` expects. */
const shown = (check: () => void) =>
  vi.waitFor(async () => {
    await act(async () => {});
    check();
  });

const buttons = () => [...element.querySelectorAll('button')].map(({ textContent }) => textContent);

test('a widget that reports an error, or whose data is refused, can be reloaded in its frame', async () => {
  await show();
  const failures: object[] = [{ type: 'error', text: 'thrown' }, { type: 'open', id: 1, source: 'lex://acme/secrets', maxPerSecond: 1 }];
  for (const failure of failures) {
    const send = await connectFrame();
    const before = element.querySelector('iframe');
    send({ type: 'violation', directive: 'connect-src', uri: 'https://a.example' });
    await shown(() => expect(element.textContent).toContain('connect-src'));
    expect(buttons()).toEqual([]);
    send(failure);
    await shown(() => expect(buttons()).toEqual(['Reload']));
    act(() => element.querySelector('button')!.click());
    expect(element.querySelector('iframe')).not.toBe(before);
    expect(element.textContent).not.toContain('connect-src');
  }
});

test('a catalogue that cannot be read shows its reason, not a widget that is not installed', async () => {
  await show(null, '@acme/doors', admin, new StatusError(503, '{"error":"workspace.lock is damaged at line 3."}'));
  expect(element.textContent).toContain('workspace.lock is damaged at line 3.');
  expect(element.textContent).not.toContain('not installed');
  await show(null);
  expect(element.textContent).toContain('Loading');
});

test('a widget that is not installed, or that needs another role, says so', async () => {
  await show(catalogue, '@acme/none');
  expect(element.textContent).toContain('@acme/none is not installed');
  await show({ ...catalogue, widgets: [{ ...doors!, requiredRoles: ['developer'] }] }, '@acme/doors', { ...admin, role: 'viewer' });
  expect(element.querySelector('iframe')).toBeNull();
  expect(element.textContent).toContain('You need the role developer');
});

test('one of the roles of a widget suffices, and roles that no user can have need an admin', () => {
  const as = (role: string): Session => ({ ...admin, role });
  expect(whyNotShown(as('operator'), ['developer', 'operator'])).toBe('');
  expect(whyNotShown(as('viewer'), ['viewer'])).toBe('');
  expect(whyNotShown(as('viewer'), [])).toBe('');
  expect(whyNotShown(as('developer'), ['governance'])).toContain('admin');
  expect(whyNotShown(as('admin'), ['registrar'])).toBe('');
});

function memory(): TextStore & { texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, value) => void texts.set(key, value),
    removeItem: (key) => void texts.delete(key),
    key: (index) => [...texts.keys()][index] ?? null,
    get length() {
      return texts.size;
    },
  };
}

test('a widget cannot store more than its limit, and keeps what it stored', () => {
  const store = new WidgetStore('ann', '@acme/doors', memory());
  store.set('a', 'x'.repeat(mostStoredChars - 2));
  expect(() => store.set('b', 'xx')).toThrow('full');
  expect(store.get('b')).toBeNull();
  store.remove('a');
  store.set('b', 'xx');
  expect(store.get('b')).toBe('xx');
});

test('all widgets together store at most two million characters, counted as they are stored', () => {
  const texts = memory();
  texts.setItem('estream.tokens', 'x'.repeat(mostCharsOfAll));
  new WidgetStore('ann', '@acme/doors', texts).set('a', 'x'.repeat(900_000));
  // A control character is six characters of JSON.
  expect(() => new WidgetStore('bob', '@acme/doors', texts).set('a', '\0'.repeat(200_000))).toThrow('all of them together');
  new WidgetStore('bob', '@acme/doors', texts).set('a', '\0'.repeat(150_000));
  expect(() => new WidgetStore('ann', '@acme/trouble', texts).set('a', 'x'.repeat(300_000))).toThrow('2000000');
  new WidgetStore('ann', '@acme/doors', texts).remove('a');
  new WidgetStore('ann', '@acme/trouble', texts).set('a', 'x'.repeat(300_000));
});

test('a browser that stores nothing gives the widget the reason', () => {
  const texts = { ...memory(), setItem: () => { throw new DOMException('full', 'QuotaExceededError'); } };
  expect(() => new WidgetStore('ann', '@acme/doors', texts).set('a', 'b')).toThrow('full or disabled');
});

test('the texts of a widget go when it is uninstalled, and stay while it is refused', () => {
  const texts = memory();
  texts.setItem('estream.theme', 'dark');
  const [doors, trouble] = ['@acme/doors', '@acme/trouble'].map((id) => new WidgetStore('ann.b', id, texts));
  doors!.set('a', '1');
  trouble!.set('a', '1');
  removeUninstalled(['@acme/doors'], texts);
  expect([doors!.get('a'), trouble!.get('a'), texts.getItem('estream.theme')]).toEqual(['1', null, 'dark']);
});

test('widgets and users of one browser cannot read the texts of each other, or of the console', () => {
  const texts = memory();
  texts.setItem('estream.theme', 'dark');
  new WidgetStore('ann', '@acme/doors', texts).set('a', 'secret');
  for (const [user, widget] of [['bob', '@acme/doors'], ['ann', '@acme/trouble']] as const) {
    const other = new WidgetStore(user, widget, texts);
    expect(other.get('a')).toBeNull();
    other.set('estream.theme', 'light');
    other.set('__proto__', 'x');
    expect(other.get('__proto__')).toBe('x');
  }
  expect(texts.getItem('estream.theme')).toBe('dark');
});

test('a damaged item in the browser is an empty storage', () => {
  const texts = memory();
  texts.setItem('estream.widget.ann.@acme/doors', '{');
  expect(new WidgetStore('ann', '@acme/doors', texts).get('a')).toBeNull();
});

const start: FrameStart = {
  type: 'start',
  runtime: '',
  bundle: '',
  widget: { id: '@acme/doors', version: '0.1.0', title: 'Doors', supportsLightMode: true, customAccent: null },
  streams: [],
  tables: [],
  state: { theme: { mode: 'light', tokens: {} }, collapsed: false, config: {}, time },
};

test('a batch is acknowledged after the frame has drawn, and keeps every digit', () => {
  const posted: string[] = [];
  let drawn = () => {};
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => (drawn = callback));
  const host = new PortHost(start, (text) => posted.push(text));
  const sink = { opened: vi.fn(), data: vi.fn(), failed: vi.fn() };
  const end = host.subscribe('lex://a/b', 10, sink);
  expect(JSON.parse(posted[0]!)).toEqual({ type: 'open', id: 1, source: 'lex://a/b', maxPerSecond: 10 });
  host.receive({ type: 'batch', items: [{ id: 1, dropped: 2, lines: ['{"position":9007199254740993}'] }, { id: 9, dropped: 0, lines: ['{}'] }] });
  expect(sink.data).toHaveBeenCalledExactlyOnceWith([{ position: 9007199254740993n }], 2);
  expect(posted).toHaveLength(1);
  drawn();
  expect(posted[1]).toBe('{"type":"ack"}');
  end();
  end();
  expect(posted.slice(2)).toEqual(['{"type":"close","id":1}']);
});

test('a refusal for a source that is not declared becomes a WidgetSecurityError', () => {
  const host = new PortHost(start, () => {});
  const sink = { opened: vi.fn(), data: vi.fn(), failed: vi.fn() };
  host.subscribe('lex://a/b', 10, sink);
  host.receive({ type: 'failed', id: 1, text: 'not declared', isSecurity: true });
  host.receive({ type: 'failed', id: 1, text: 'again', isSecurity: true });
  expect(sink.failed.mock.calls.map(([error]) => (error as Error).name)).toEqual(['WidgetSecurityError']);
});

test('the storage of a frame waits for the answer of the page', async () => {
  const posted: string[] = [];
  const host = new PortHost(start, (text) => posted.push(text));
  const value = host.storage.get('a');
  const full = host.storage.set('b', 'c');
  host.receive({ type: 'stored', id: 1, value: 'x', error: null });
  host.receive({ type: 'stored', id: 2, value: null, error: 'full' });
  await expect(value).resolves.toBe('x');
  await expect(full).rejects.toThrow('full');
});
