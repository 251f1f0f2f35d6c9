/** Stream subscriptions against a host in memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EstreamClient, EstreamClientError, Status, type Connector, type StreamBatch, type TransportEvents } from "../src/index.js";
import { FrameSplitter, Op, PayloadReader, PayloadWriter, decode, encode, version, type Frame } from "../src/frames.js";

const maxFrameBytes = 1 << 20;

/** A host that answers Hello, and records all other requests. */
class FakeHost {
  readonly requests: Frame[] = [];
  events: TransportEvents | undefined;
  connections = 0;
  readonly connector: Connector = async (events) => {
    const splitter = new FrameSplitter();
    this.events = events;
    this.connections++;
    return {
      send: (bytes) => {
        for (const frame of splitter.push(bytes, maxFrameBytes)) {
          this.#receive(frame);
        }
      },
      close: () => undefined,
    };
  };

  send(op: number, id: number, payload: PayloadWriter, status = 0): void {
    const frame = payload.end(op, id).slice();
    frame[5] = status;
    this.events!.data(frame);
  }

  /** Waits for a request, and removes it. */
  async next(op: number): Promise<Frame> {
    while (true) {
      const index = this.requests.findIndex((frame) => frame.op === op);
      if (index >= 0) {
        return this.requests.splice(index, 1)[0]!;
      }

      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  sendLines(id: number, dropped: number, lines: string): void {
    this.send(Op.streamMessages, id, new PayloadWriter().uint32(dropped).raw(encode(lines)));
  }

  #receive(frame: Frame): void {
    if (frame.op === Op.hello) {
      const welcome = new PayloadWriter().uint16(version).byte(1).uint32(maxFrameBytes);
      queueMicrotask(() => this.send(Op.hello, frame.id, welcome));
    } else {
      this.requests.push(frame);
    }
  }
}

await test("a refused stream throws in the iteration, with the reason of the host", async () => {
  const host = new FakeHost();
  const client = await EstreamClient.connect(host.connector);
  const next = client.stream({ component: "@acme/doors", pattern: "lex://acme/doors" })[Symbol.asyncIterator]().next();
  const request = await host.next(Op.streamSubscribe);
  host.send(Op.streamSubscribe, request.id, new PayloadWriter().raw(encode("not declared")), Status.Forbidden);
  await assert.rejects(
    next,
    (error) => error instanceof EstreamClientError && error.status === Status.Forbidden && error.message.includes("not declared"),
  );
  client.close();
});

await test("a stream that the host ends throws after the earlier batches", async () => {
  const host = new FakeHost();
  const client = await EstreamClient.connect(host.connector);
  const batches = client.stream({ pattern: "table:settings" })[Symbol.asyncIterator]();
  const first = batches.next();
  const { id } = await host.next(Op.streamSubscribe);
  host.send(Op.streamSubscribe, id, new PayloadWriter());
  host.sendLines(id, 0, "{}\n");
  host.send(Op.streamMessages, id, new PayloadWriter().raw(encode("revoked")), Status.Forbidden);
  assert.deepEqual((await first).value, { dropped: 0, lines: ["{}"] });
  await assert.rejects(batches.next(), (error) => error instanceof EstreamClientError && error.status === Status.Forbidden);
  client.close();
});

await test("a request has component, pattern, rate and credit, and a frame becomes a batch of lines", async () => {
  const host = new FakeHost();
  const client = await EstreamClient.connect(host.connector);
  const stream = client.stream({ component: "@acme/doors", pattern: "lex://acme/{site}", maxPerSecond: 7 });
  const next = stream[Symbol.asyncIterator]().next();
  const request = await host.next(Op.streamSubscribe);
  const reader = new PayloadReader(request.payload);
  assert.equal(decode(reader.raw(reader.uint16())), "@acme/doors");
  assert.equal(decode(reader.raw(reader.uint16())), "lex://acme/{site}");
  assert.equal(reader.uint32(), 7);
  assert.ok(reader.uint32() > 0 && reader.isAtEnd);
  host.send(Op.streamSubscribe, request.id, new PayloadWriter());
  host.sendLines(request.id, 3, '{"a":1}\n{"a":"ä"}\n');
  assert.deepEqual((await next).value, { dropped: 3, lines: ['{"a":1}', '{"a":"ä"}'] });
  client.close();
});

await test("credit is granted only for batches that were taken", async () => {
  const host = new FakeHost();
  const client = await EstreamClient.connect(host.connector);
  const stream = client.stream({ pattern: "lex://acme/doors" });
  const batches = stream[Symbol.asyncIterator]();
  const first = batches.next();
  const { id, payload } = await host.next(Op.streamSubscribe);
  const window = new DataView(payload.buffer, payload.byteOffset).getUint32(payload.length - 4, true);
  const line = `${" ".repeat(window / 4)}\n`;
  host.sendLines(id, 0, line);
  await first;
  assert.equal(host.requests.some((frame) => frame.op === Op.credit), false);
  const rest = batches.next();
  const credit = await host.next(Op.credit);
  assert.equal(credit.id, id);
  assert.equal(new PayloadReader(credit.payload).uint32(), line.length + 4);
  stream.close();
  await rest;
  client.close();
});

await test("closing ends the iteration and the subscription", async () => {
  const host = new FakeHost();
  const client = await EstreamClient.connect(host.connector);
  const stream = client.stream({ pattern: "lex://acme/doors" });
  const next = stream[Symbol.asyncIterator]().next();
  const { id } = await host.next(Op.streamSubscribe);
  stream.close();
  assert.equal((await next).done, true);
  assert.equal(new PayloadReader((await host.next(Op.unsubscribe)).payload).uint32(), id);
  client.close();
});

await test("a stream continues over the next connection, and says that the host has accepted it again", async () => {
  const host = new FakeHost();
  const client = await EstreamClient.connect(host.connector);
  const received: StreamBatch[] = [];
  let accepted = 0;
  const stream = client.stream({ pattern: "lex://acme/doors", opened: () => accepted++ });
  const reading = (async () => {
    for await (const batch of stream) {
      received.push(batch);
      break;
    }
  })();
  host.send(Op.streamSubscribe, (await host.next(Op.streamSubscribe)).id, new PayloadWriter());
  host.events!.closed(new Error("The test cut the connection."));
  const { id } = await host.next(Op.streamSubscribe);
  assert.equal(host.connections, 2);
  host.send(Op.streamSubscribe, id, new PayloadWriter());
  host.sendLines(id, 0, "{}\n");
  await reading;
  assert.equal(received.length, 1);
  assert.equal(accepted, 2);
  await host.next(Op.unsubscribe);
  client.close();
});
