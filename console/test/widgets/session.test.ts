import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FrameSession, mostHeapBytes, type FrameServices, type FrameStatus } from '../../src/widgets/frame/FrameSession';
import { mostMessageChars, type FrameProps, type ToFrame } from '../../src/widgets/frame/protocol';

const start = { widget: { id: '@acme/doors', version: '0.1.0', title: 'Doors', supportsLightMode: true, customAccent: null }, streams: [], tables: [] };
const props: FrameProps = { theme: { mode: 'light', tokens: {} }, collapsed: false, config: {}, time: { from: 0, to: 1, isLive: true, isPaused: false } };

const page = { hidden: false };
const sessions: FrameSession[] = [];

beforeEach(() => {
  page.hidden = false;
  vi.stubGlobal('document', page);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});

afterEach(() => {
  sessions.splice(0).forEach((session) => session.close());
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A session with the frame's end of its port, as the code of a widget has it. */
function open({ contentDocument = null as object | null, load = async () => ({ runtime: 'r', bundle: 'b' }) } = {}) {
  let onLoad = () => {};
  const sent: ToFrame[] = [];
  let port: MessagePort | null = null;
  const element = {
    contentDocument: contentDocument as Document | null,
    contentWindow: {
      postMessage: (_text: string, _origin: string, [given]: MessagePort[]) => {
        port = given!;
        port.onmessage = ({ data }) => sent.push(data as ToFrame);
      },
    } as unknown as Window,
    addEventListener: (_name: string, listener: () => void) => (onLoad = listener),
    removeEventListener: () => {},
  };
  const services = {
    load: vi.fn(load),
    data: { open: vi.fn(), end: vi.fn(), acknowledge: vi.fn(), close: vi.fn() },
    storage: vi.fn<FrameServices['storage']>(async () => 'stored'),
    configChanged: vi.fn(),
    changed: vi.fn<(status: FrameStatus) => void>(),
  };
  const session = new FrameSession(element as never, start, props, services);
  sessions.push(session);
  const post = (message: unknown) => port!.postMessage(Object.getPrototypeOf(message) === Object.prototype ? JSON.stringify(message) : message);
  const status = () => services.changed.mock.lastCall?.[0];
  const stopped = (kind: string) => vi.waitFor(() => expect(status()?.stop?.kind).toBe(kind));
  return { session, services, sent, post, status, stopped, loads: () => onLoad(), hasPort: () => port !== null };
}

/** A session whose frame has loaded and shown its opaque origin. */
async function running() {
  const frame = open();
  frame.loads();
  frame.post({ type: 'hello', origin: 'null' });
  frame.post({ type: 'ready' });
  await vi.waitFor(() => expect(frame.status()?.phase).toBe('running'));
  return frame;
}

test('a frame whose document the page can see gets no port', async () => {
  const frame = open({ contentDocument: {} });
  frame.loads();
  await frame.stopped('not isolated');
  expect(frame.hasPort()).toBe(false);
  expect(frame.services.load).not.toHaveBeenCalled();
});

test('a frame that reports an origin gets no bundle', async () => {
  const frame = open();
  frame.loads();
  frame.post({ type: 'hello', origin: 'http://127.0.0.1:5080' });
  await frame.stopped('not isolated');
  expect(frame.services.load).not.toHaveBeenCalled();
});

test('a frame that loads a second document is dropped, and its port delivers no messages', async () => {
  const frame = await running();
  frame.loads();
  await frame.stopped('navigated');
  expect(frame.services.data.close).toHaveBeenCalled();
  frame.post({ type: 'open', id: 1, source: 'table:a', maxPerSecond: 1 });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(frame.services.data.open).not.toHaveBeenCalled();
});

test('a frame that sends more than 200 messages in a second is dropped', async () => {
  const frame = await running();
  for (let i = 0; i < 10_000; i++) {
    frame.post({ type: 'ack' });
  }
  await frame.stopped('flooding');
  expect(frame.services.data.acknowledge.mock.calls.length).toBeLessThanOrEqual(200);
});

test.each([
  ['stores', { type: 'storage', id: 1, op: 'set', key: 'a', value: 'b' }],
  ['changes its settings', { type: 'config', config: {} }],
])('a frame that %s more than 20 times in a second is dropped', async (_name, message) => {
  const frame = await running();
  vi.advanceTimersByTime(1000);
  for (let i = 0; i < 21; i++) {
    frame.post(message);
  }
  await frame.stopped('flooding');
  expect(frame.services.storage.mock.calls.length + frame.services.configChanged.mock.calls.length).toBe(20);
});

test('a frame that stays below 200 messages a second keeps running', async () => {
  const frame = await running();
  for (let second = 1; second <= 3; second++) {
    vi.advanceTimersByTime(1000);
    for (let i = 0; i < 199; i++) {
      frame.post({ type: 'ack' });
    }
    await vi.waitFor(() => expect(frame.services.data.acknowledge).toHaveBeenCalledTimes(second * 199));
  }
  expect(frame.status()?.stop).toBeNull();
});

test('a frame that sends a message of more than 64 Ki characters is dropped', async () => {
  const frame = await running();
  frame.post({ type: 'error', text: 'x'.repeat(mostMessageChars) });
  await frame.stopped('flooding');
});

test.each([
  ['an object', new Map()],
  ['a text in a list', ['{"type":"ready"}']],
  ['no JSON', '{'],
  ['a list', '[]'],
  ['an unknown type', '{"type":"eval"}'],
  ['a member of another type', '{"type":"open","id":"1","source":"a","maxPerSecond":1}'],
  ['an unknown operation', '{"type":"storage","id":1,"op":"clear","key":"a"}'],
])('a frame that sends %s is dropped', async (_name, message) => {
  const frame = await running();
  frame.post(message);
  await frame.stopped('invalid');
});

test('a member named __proto__ changes no prototype', async () => {
  const frame = await running();
  frame.post('{"type":"config","config":{"__proto__":{"polluted":true},"a":1}}');
  await vi.waitFor(() => expect(frame.services.configChanged).toHaveBeenCalled());
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('a frame that does not answer five pings is dropped', async () => {
  const frame = await running();
  vi.advanceTimersByTime(5000);
  expect(frame.status()?.stop).toBeNull();
  vi.advanceTimersByTime(1000);
  await frame.stopped('hung');
});

test('a frame that never loads is dropped', async () => {
  const frame = open();
  vi.advanceTimersByTime(6000);
  await frame.stopped('hung');
});

test('a frame that answers pings is not dropped', async () => {
  const frame = await running();
  for (let second = 0; second < 10; second++) {
    vi.advanceTimersByTime(1000);
    await vi.waitFor(() => expect(frame.sent.filter(({ type }) => type === 'ping')).toHaveLength(second + 1));
    frame.post({ type: 'pong', heap: 0 });
    frame.post({ type: 'ack' });
    await vi.waitFor(() => expect(frame.services.data.acknowledge).toHaveBeenCalledTimes(second + 1));
  }
  expect(frame.status()?.stop).toBeNull();
});

test('a frame of a hidden page is not dropped', async () => {
  const frame = await running();
  page.hidden = true;
  vi.advanceTimersByTime(60_000);
  expect(frame.status()?.stop).toBeNull();
});

test('a frame whose heap is too large is dropped', async () => {
  const frame = await running();
  frame.post({ type: 'pong', heap: mostHeapBytes + 1 });
  await frame.stopped('memory');
});

test('a bundle that cannot be loaded stops the frame with the reason', async () => {
  const frame = open({ load: async () => Promise.reject(new Error('its SHA-256 differs')) });
  frame.loads();
  frame.post({ type: 'hello', origin: 'null' });
  await frame.stopped('failed');
  expect(frame.status()?.stop?.text).toContain('SHA-256');
});

test('a frame that sends several hellos starts once', async () => {
  const frame = open();
  frame.loads();
  frame.post({ type: 'hello', origin: 'null' });
  frame.post({ type: 'hello', origin: 'null' });
  frame.post({ type: 'ready' });
  await vi.waitFor(() => expect(frame.sent.filter(({ type }) => type === 'start')).toHaveLength(1));
  expect(frame.services.load).toHaveBeenCalledTimes(1);
  expect(frame.sent[0]).toMatchObject({ type: 'start', runtime: 'r', bundle: 'b', state: props, widget: start.widget });
});

test('reports are counted, and there are at most 20 different ones', async () => {
  const frame = await running();
  for (let i = 0; i < 30; i++) {
    frame.post({ type: 'violation', directive: 'connect-src', uri: `https://a.example/${i}` });
  }
  frame.post({ type: 'violation', directive: 'connect-src', uri: 'https://a.example/0' });
  await vi.waitFor(() => expect(frame.status()?.reports[0]).toEqual({ kind: 'violation', text: 'connect-src https://a.example/0', count: 2 }));
  expect(frame.status()?.reports).toHaveLength(20);
});

test('the storage answers with its value or with the reason', async () => {
  const frame = await running();
  frame.post({ type: 'storage', id: 1, op: 'get', key: 'a' });
  await vi.waitFor(() => expect(frame.sent).toContainEqual({ type: 'stored', id: 1, value: 'stored', error: null }));
  frame.services.storage.mockRejectedValueOnce(new Error('full'));
  frame.post({ type: 'storage', id: 2, op: 'set', key: 'a', value: 'b' });
  await vi.waitFor(() => expect(frame.sent).toContainEqual({ type: 'stored', id: 2, value: null, error: 'full' }));
});

test('settings that change while the bundle loads are those that the widget starts with', async () => {
  let loaded = (_texts: { runtime: string; bundle: string }) => {};
  const frame = open({ load: () => new Promise((resolve) => (loaded = resolve)) });
  frame.loads();
  frame.post({ type: 'hello', origin: 'null' });
  await vi.waitFor(() => expect(frame.services.load).toHaveBeenCalled());
  frame.session.setProps({ config: { unit: 'C' } });
  loaded({ runtime: 'r', bundle: 'b' });
  await vi.waitFor(() => expect(frame.sent.map(({ type }) => type)).toEqual(['start']));
  expect(frame.sent[0]).toMatchObject({ state: { ...props, config: { unit: 'C' } } });
  frame.session.setProps({ collapsed: true });
  await vi.waitFor(() => expect(frame.sent.at(-1)).toEqual({ type: 'state', state: { collapsed: true } }));
});
