import { expect, test, vi } from 'vitest';
import type { BatchItem, ToFrame } from '../../src/widgets/frame/protocol';
import { FrameData } from '../../src/widgets/gateway/FrameData';
import { Gateway, type LineStream, type StreamBatch, type StreamListener, type StreamRequest } from '../../src/widgets/gateway/Gateway';

const moves = 'lex://acme/doors/{door}/moves';
const widget = { id: '@acme/doors', streams: [moves], tables: ['doors'] };

/** The subscriptions of a frame, with a gateway that the test drives and batches that go when the test says so. */
function frameData() {
  const asked: { request: StreamRequest; listener: StreamListener; end: ReturnType<typeof vi.fn> }[] = [];
  const sent: ToFrame[] = [];
  const refused: string[] = [];
  const due: (() => void)[] = [];
  const data = new FrameData(widget, {
    gateway: {
      subscribe: (request, listener) => {
        const end = vi.fn();
        asked.push({ request, listener, end });
        return end;
      },
    },
    send: (message) => sent.push(message),
    refused: (reason) => refused.push(reason),
    schedule: (callback) => due.push(callback),
  });
  const flush = () => due.splice(0).forEach((callback) => callback());
  const batches = () => sent.flatMap((message) => (message.type === 'batch' ? [message.items] : []));
  return { data, asked, sent, refused, flush, batches, scheduled: () => due.length };
}

test.each(['lex://acme/payments/{id}', 'lex://acme/{a}/{b}/moves', 'table:salaries', 'table:', 'doors', ''])(
  'an undeclared source (%s) is refused without asking the host',
  (source) => {
    const { data, asked, sent, refused } = frameData();
    data.open(1, source, 10);
    expect(asked).toEqual([]);
    expect(sent).toMatchObject([{ type: 'failed', id: 1, isSecurity: true }]);
    expect(refused).toHaveLength(1);
  },
);

test('a refusal of the host reaches the frame and the card', () => {
  const { data, asked, sent, refused } = frameData();
  data.open(1, moves, 10);
  asked[0]!.listener.failed(new Error('The release is revoked.'));
  expect(sent).toEqual([{ type: 'failed', id: 1, text: 'The release is revoked.', isSecurity: false }]);
  expect(refused).toEqual(['The release is revoked.']);
});

test('a frame has at most 8 different sources, and may ask for one of them again', () => {
  const { data, asked, sent } = frameData();
  for (let id = 0; id < 10; id++) {
    data.open(id, `lex://acme/doors/door-${id}/moves`, 10);
  }
  expect(asked).toHaveLength(8);
  expect(sent.map((message) => message.type === 'failed' && message.text)).toEqual(Array(2).fill(expect.stringContaining('8 different sources')));
  data.open(10, 'lex://acme/doors/door-0/moves', 10);
  expect(asked).toHaveLength(9);
  data.open(11, 'lex://acme/doors/door-0/moves', 11);
  expect(asked).toHaveLength(9);
  data.end(1);
  data.open(12, 'lex://acme/doors/door-0/moves', 11);
  expect(asked).toHaveLength(10);
});

test('a frame has at most 32 subscriptions, and the rate is between 1 and 10,000', () => {
  const { data, asked, sent } = frameData();
  for (let id = 0; id < 40; id++) {
    data.open(id, 'lex://acme/doors/front/moves', id === 0 ? Number.NaN : 1e9);
  }
  expect(asked).toHaveLength(32);
  expect(sent.map((message) => message.type === 'failed' && message.text)).toEqual(Array(8).fill(expect.stringContaining('32 subscriptions')));
  expect(asked.slice(0, 2).map(({ request }) => request.maxPerSecond)).toEqual([1, 10_000]);
  expect(asked[0]!.request).toMatchObject({ component: '@acme/doors', pattern: 'lex://acme/doors/front/moves' });
});

test('the lines of all subscriptions that arrive together are one batch', () => {
  const { data, asked, flush, batches, scheduled } = frameData();
  data.open(1, moves, 10);
  data.open(2, 'table:doors', 10);
  asked[0]!.listener.batch({ lines: ['1'], dropped: 0 });
  asked[0]!.listener.batch({ lines: ['2'], dropped: 3 });
  asked[1]!.listener.batch({ lines: ['{"key":"a"}'], dropped: 0 });
  expect(batches()).toEqual([]);
  expect(scheduled()).toBe(1);
  flush();
  expect(batches()).toEqual([
    [
      { id: 1, lines: ['1', '2'], dropped: 3 },
      { id: 2, lines: ['{"key":"a"}'], dropped: 0 },
    ],
  ]);
});

test('a frame that does not acknowledge gets nothing, and then the newest lines', () => {
  const { data, asked, flush, batches } = frameData();
  data.open(1, moves, 10);
  asked[0]!.listener.batch({ lines: ['0'], dropped: 0 });
  flush();
  for (let i = 1; i <= 5000; i++) {
    asked[0]!.listener.batch({ lines: [String(i)], dropped: 0 });
  }
  flush();
  expect(batches()).toHaveLength(1);
  data.acknowledge();
  flush();
  const [item] = batches()[1]! as [BatchItem];
  expect(item.lines).toHaveLength(1000);
  expect(item.lines.at(-1)).toBe('5000');
  expect(item.dropped).toBe(4000);
});

test('a paused frame gets the first lines of a subscription, and the newest lines after the pause; a refusal reaches it at once', () => {
  const { data, asked, sent, flush, batches } = frameData();
  data.setPaused(true);
  data.open(1, moves, 10);
  data.open(2, 'table:doors', 10);
  asked[0]!.listener.batch({ lines: ['0'], dropped: 0 });
  flush();
  expect(sent).toEqual([{ type: 'batch', items: [{ id: 1, lines: ['0'], dropped: 0 }] }]);
  data.acknowledge();
  for (let i = 1; i <= 1500; i++) {
    asked[0]!.listener.batch({ lines: [String(i)], dropped: 0 });
  }
  asked[1]!.listener.failed(new Error('revoked'));
  flush();
  expect(sent.slice(1)).toMatchObject([{ type: 'failed', text: 'revoked' }]);
  data.setPaused(false);
  flush();
  const [item] = batches()[1]! as [BatchItem];
  expect([item.lines.length, item.lines.at(-1), item.dropped]).toEqual([1000, '1500', 500]);
});

test('long lines that wait are bounded by their length', () => {
  const { data, asked, flush, batches } = frameData();
  data.open(1, moves, 10);
  for (let i = 0; i < 10; i++) {
    asked[0]!.listener.batch({ lines: [String(i).repeat(100_000)], dropped: 0 });
  }
  flush();
  expect(batches()[0]).toMatchObject([{ lines: ['8'.repeat(100_000), '9'.repeat(100_000)], dropped: 8 }]);
});

test('of a table that changes faster than the frame draws, the last line of each key arrives', () => {
  const { data, asked, flush, batches } = frameData();
  data.open(1, 'table:doors', 10);
  asked[0]!.listener.batch({ lines: Array.from({ length: 1500 }, (_, i) => JSON.stringify({ key: `k${i}`, text: 'old' })), dropped: 0 });
  asked[0]!.listener.batch({ lines: ['{"key":"k0","removed":true}'], dropped: 0 });
  flush();
  data.acknowledge();
  flush();
  const lines = batches().flatMap(([item]) => item!.lines);
  expect(batches().map(([item]) => item!.lines.length)).toEqual([1000, 500]);
  expect(new Set(lines).size).toBe(1500);
  expect(lines.at(-1)).toBe('{"key":"k0","removed":true}');
});

test('an empty table reaches the frame once, as a batch without lines', () => {
  const { data, asked, flush, batches } = frameData();
  data.open(1, 'table:doors', 10);
  flush();
  asked[0]!.listener.batch({ lines: [], dropped: 0 });
  flush();
  data.acknowledge();
  flush();
  expect(batches()).toEqual([[{ id: 1, lines: [], dropped: 0 }]]);
});

test('keys of a table that are not text stay apart', () => {
  const { data, asked, flush, batches } = frameData();
  data.open(1, 'table:doors', 10);
  const lines = ['{"key":"\ufffd","keyBytes":"ff"}', '{"key":"\ufffd","keyBytes":"fe"}', '{"key":"\ufffd"}', '{"key":"ff"}'];
  asked[0]!.listener.batch({ lines, dropped: 0 });
  flush();
  expect(batches()).toEqual([[{ id: 1, lines, dropped: 0 }]]);
});

test('after a lost connection, a frame gets none of the lines that waited', () => {
  const { data, asked, flush, batches, sent } = frameData();
  data.open(1, 'table:doors', 10);
  asked[0]!.listener.batch({ lines: ['{"key":"gone"}'], dropped: 0 });
  asked[0]!.listener.opened();
  asked[0]!.listener.batch({ lines: ['{"key":"a"}'], dropped: 0 });
  flush();
  expect(sent[0]).toEqual({ type: 'opened', id: 1 });
  expect(batches()).toMatchObject([[{ lines: ['{"key":"a"}'] }]]);
});

test('an end closes one subscription, and a close ends them all', () => {
  const { data, asked } = frameData();
  data.open(1, moves, 10);
  data.open(2, moves, 10);
  data.open(2, moves, 10);
  expect(asked).toHaveLength(2);
  data.end(1);
  expect(asked.map(({ end }) => end.mock.calls.length)).toEqual([1, 0]);
  data.close();
  expect(asked.map(({ end }) => end.mock.calls.length)).toEqual([1, 1]);
});

/** A stream whose batches the test pushes. */
class TestStream implements LineStream {
  isClosed = false;
  opened = () => {};
  private readonly batches: (StreamBatch | Error)[] = [];
  private wake = () => {};

  push(batch: StreamBatch | Error): void {
    this.batches.push(batch);
    this.wake();
  }

  close(): void {
    this.isClosed = true;
    this.wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<StreamBatch> {
    while (!this.isClosed) {
      const next = this.batches.shift();
      if (next instanceof Error) {
        throw next;
      }
      if (next !== undefined) {
        yield next;
      } else {
        await new Promise<void>((resolve) => (this.wake = resolve));
      }
    }
  }
}

function listener() {
  return { opened: vi.fn(), batch: vi.fn(), failed: vi.fn() };
}

/** A client whose streams the test drives. */
function testClient() {
  const streams = new Map<string, TestStream>();
  return {
    streams,
    stream: vi.fn(({ pattern, opened }: StreamRequest & { opened: () => void }) => {
      const stream = new TestStream();
      stream.opened = opened;
      streams.set(pattern, stream);
      return stream;
    }),
    close: vi.fn(),
  };
}

const request = (pattern: string): StreamRequest => ({ component: '', pattern, maxPerSecond: 10 });

test('all subscriptions share one connection, which ends with the last of them', async () => {
  const client = testClient();
  const connect = vi.fn(async () => client);
  const gateway = new Gateway(connect);
  const [a, b] = [listener(), listener()];
  const endA = gateway.subscribe(request('a'), a);
  const endB = gateway.subscribe(request('b'), b);
  await vi.waitFor(() => expect(client.streams.size).toBe(2));
  expect(connect).toHaveBeenCalledTimes(1);
  client.streams.get('a')!.opened();
  expect([a.opened, b.opened].map(({ mock }) => mock.calls.length)).toEqual([1, 0]);
  endA();
  endA();
  expect(client.close).not.toHaveBeenCalled();
  endB();
  await vi.waitFor(() => expect(client.close).toHaveBeenCalledTimes(1));
  expect(a.failed).not.toHaveBeenCalled();
});

test('a subscription that ends before the connection is open asks nothing', async () => {
  const client = testClient();
  const gateway = new Gateway(async () => client);
  gateway.subscribe(request('a'), listener())();
  await vi.waitFor(() => expect(client.close).toHaveBeenCalled());
  expect(client.stream).not.toHaveBeenCalled();
});

test('equal requests of several widgets are one subscription, which ends with the last of them', async () => {
  const client = testClient();
  const gateway = new Gateway(async () => client);
  const [a, b, c] = [listener(), listener(), listener()];
  const ends = [a, b].map((one) => gateway.subscribe(request('a'), one));
  await vi.waitFor(() => expect(client.streams.size).toBe(1));
  client.streams.get('a')!.opened();
  ends.push(gateway.subscribe(request('a'), c));
  client.streams.get('a')!.push({ lines: ['1'], dropped: 2 });
  await vi.waitFor(() => expect([a, b, c].map(({ batch }) => batch.mock.calls)).toEqual(Array(3).fill([[{ lines: ['1'], dropped: 2 }]])));
  expect([a, b, c].map(({ opened }) => opened.mock.calls.length)).toEqual([1, 1, 1]);
  ends[0]!();
  ends[0]!();
  ends[1]!();
  expect(client.streams.get('a')!.isClosed).toBe(false);
  ends[2]!();
  expect(client.streams.get('a')!.isClosed).toBe(true);
  expect(client.stream).toHaveBeenCalledTimes(1);
  await vi.waitFor(() => expect(client.close).toHaveBeenCalledTimes(1));
});

test('a request of another component or rate is a subscription of its own', async () => {
  const client = testClient();
  const gateway = new Gateway(async () => client);
  for (const change of [{}, { component: '@acme/doors' }, { maxPerSecond: 11 }]) {
    gateway.subscribe({ ...request('a'), ...change }, listener());
  }
  await vi.waitFor(() => expect(client.stream).toHaveBeenCalledTimes(3));
});

test('a second widget of a table that was sent gets all its entries, and the first one begins again', async () => {
  const client = testClient();
  const gateway = new Gateway(async () => client);
  const [a, b] = [listener(), listener()];
  gateway.subscribe(request('table:a'), a);
  await vi.waitFor(() => expect(client.streams.size).toBe(1));
  const first = client.streams.get('table:a')!;
  first.opened();
  first.push({ lines: ['1'], dropped: 0 });
  await vi.waitFor(() => expect(a.batch).toHaveBeenCalledTimes(1));
  gateway.subscribe(request('table:a'), b);
  await vi.waitFor(() => expect(client.streams.get('table:a')).not.toBe(first));
  expect(first.isClosed).toBe(true);
  first.push({ lines: ['late'], dropped: 0 });
  client.streams.get('table:a')!.opened();
  client.streams.get('table:a')!.push({ lines: ['2'], dropped: 0 });
  await vi.waitFor(() => expect(b.batch).toHaveBeenCalledExactlyOnceWith({ lines: ['2'], dropped: 0 }));
  expect(a.batch.mock.calls.map(([batch]) => (batch as StreamBatch).lines)).toEqual([['1'], ['2']]);
  expect([a, b].map(({ opened, failed }) => [opened.mock.calls.length, failed.mock.calls.length])).toEqual([[2, 0], [1, 0]]);
});

test('the page has at most 64 different subscriptions, and the error says so', async () => {
  const client = testClient();
  const gateway = new Gateway(async () => client);
  const ends = Array.from({ length: 64 }, (_, index) => gateway.subscribe(request(`a${index}`), listener()));
  const [over, ended, shared] = [listener(), listener(), listener()];
  gateway.subscribe(request('b'), over);
  gateway.subscribe(request('c'), ended)();
  gateway.subscribe(request('a1'), shared);
  await vi.waitFor(() => expect(over.failed).toHaveBeenCalledWith(new Error('The page has 64 different subscriptions, which is the most. Remove a widget, or leave the page.')));
  expect([ended, shared].map(({ failed }) => failed.mock.calls.length)).toEqual([0, 0]);
  ends[0]!();
  gateway.subscribe(request('b'), listener());
  await vi.waitFor(() => expect(client.streams.has('b')).toBe(true));
});

test('a refused stream ends its own subscription only', async () => {
  const client = testClient();
  const gateway = new Gateway(async () => client);
  const [a, b] = [listener(), listener()];
  gateway.subscribe(request('a'), a);
  gateway.subscribe(request('b'), b);
  await vi.waitFor(() => expect(client.streams.size).toBe(2));
  client.streams.get('a')!.push(new Error('not declared'));
  client.streams.get('b')!.push({ lines: ['1'], dropped: 2 });
  await vi.waitFor(() => expect(a.failed).toHaveBeenCalledWith(new Error('not declared')));
  await vi.waitFor(() => expect(b.batch).toHaveBeenCalledWith({ lines: ['1'], dropped: 2 }));
  expect(client.close).not.toHaveBeenCalled();
});

test('a connection that fails ends the subscription with the reason, and the next subscription connects again', async () => {
  const client = testClient();
  const connect = vi.fn(async () => client).mockRejectedValueOnce(new Error('The host cannot be reached'));
  const gateway = new Gateway(connect);
  const [a, b] = [listener(), listener()];
  gateway.subscribe(request('a'), a);
  await vi.waitFor(() => expect(a.failed).toHaveBeenCalledWith(new Error('The host cannot be reached')));
  gateway.subscribe(request('b'), b);
  await vi.waitFor(() => expect(client.streams.size).toBe(1));
});
