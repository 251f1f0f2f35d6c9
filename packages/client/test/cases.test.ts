/** Runs the cases that the C# client runs too, against the host in ESTREAM_TEST_HOST. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  EstreamClient,
  EstreamClientError,
  Status,
  webSocket,
  type Connector,
  type RemoteMap,
  type SubscribeStart,
} from "../src/index.js";
import { xxh64 } from "../src/hash.js";
import { nodeSocket } from "../src/node.js";

interface Step {
  do: string;
  queue: string;
  map: string;
  key: string;
  value: string;
  messages: string[];
  producer: string;
  count: number;
  sequence?: number;
  time?: number;
  cursor?: string;
  output?: string;
  schema?: string;
  filter?: string;
  commit?: number;
  version?: number | "last";
  expected: string;
  millis?: number;
  prefix: string;
  after: string;
  then: string;
  expect?: unknown;
  error?: keyof typeof Status;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const cases = JSON.parse(readFileSync(process.env["ESTREAM_TEST_CASES"]!, "utf8")) as { name: string; steps: Step[] }[];
const host = process.env["ESTREAM_TEST_HOST"]!;
const token = process.env["ESTREAM_TOKEN"];
const connector = host.startsWith("ws") ? webSocket(host) : nodeSocket(host);
const client = await EstreamClient.connect(connector, { ...(token && { token }) });
const versions = new Map<string, bigint>();

for (const { name, steps } of cases) {
  await test(name, async () => {
    for (const step of steps) {
      if (step.error) {
        const status = Status[step.error];
        await assert.rejects(run(step), (error) => error instanceof EstreamClientError && error.status === status);
      } else {
        assert.deepEqual(await run(step), step.expect ?? null, JSON.stringify(step));
      }
    }
  });
}

await test("an appender sends many messages in order", async () => {
  const appender = client.queue("many").createAppender();
  for (let i = 0; i < 20_000; i++) {
    await appender.append(`${i}`);
  }

  assert.ok((await appender.flush()) > 0n);
  let next = 0;
  const messages = await client.queue("many").subscribe();
  for await (const message of messages) {
    assert.equal(text(message.payload), `${next++}`);
    if (next === 20_000) {
      break;
    }
  }

  await messages.close();
});

await test("the hash of a key is XXH64", () => {
  const hash = (key: string): string => xxh64(new TextEncoder().encode(key)).toString(16);
  assert.equal(hash(""), "ef46db3751d8e999");
  assert.equal(hash("asdf"), "415872f599cea71e");
  assert.equal(hash("abc"), "44bc2cf5ad770999");
  assert.equal(hash("Call me Ishmael. Some years ago--never mind how long precisely-"), "2a2e85470d6fd96");
});

await test("an appender by key sends many messages, and those of a key keep their order", async () => {
  const queue = client.partitionedQueue("keyed");
  const appender = await queue.createAppender();
  const before = (await queue.partition(6).info()).nextSequence;
  for (let i = 0; i < 1000; i++) {
    await appender.append("asdf", `${i}`);
  }

  await appender.flush();
  let next = 0;
  const messages = await queue.partition(6).subscribe({ from: { sequence: before } });
  for await (const message of messages) {
    assert.equal(text(message.payload), `${next++}`);
    if (next === 1000) {
      break;
    }
  }

  await messages.close();
});

await test("a connection on which the host is silent is closed, and another is opened", async () => {
  let attempts = 0;
  let isClosed = false;
  const silent = { send: () => undefined, close: () => void (isClosed = true) };
  let isAborted = false;
  const first: Connector = async (events, signal) => {
    if (attempts++ > 0) {
      return connector(events, signal);
    }

    signal.addEventListener("abort", () => (isAborted = true));
    return silent;
  };
  const second = await EstreamClient.connect(first, { ...(token && { token }) });
  assert.equal(attempts, 2);
  assert.ok(isClosed && isAborted);
  second.close();
});

await test("a table is streamed with its entries and their changes", async () => {
  const map = client.map("settings");
  await map.put("streamed", "1");
  const stream = client.stream({ pattern: "table:settings", maxPerSecond: 100 });
  const seen: string[] = [];
  for await (const { lines } of stream) {
    for (const line of lines) {
      const entry = JSON.parse(line) as { key: string; text?: string; removed?: boolean };
      if (entry.key === "streamed") {
        seen.push(entry.removed ? "removed" : entry.text!);
        await (seen.length === 1 ? map.put("streamed", "2") : map.remove("streamed"));
      }
    }

    if (seen.length === 3) {
      break;
    }
  }

  assert.deepEqual(seen, ["1", "2", "removed"]);
});

await test("a stream begins at the newest message", async () => {
  const queue = client.queue("streamed");
  for (let i = 0; i < 10; i++) {
    await queue.append(`${i}`);
  }

  const sequences: number[] = [];
  for await (const { lines } of client.stream({ pattern: "lex://acme/streamed" })) {
    sequences.push(...lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence));
    if (sequences.length === 2) {
      break;
    }

    await queue.append("next");
  }

  assert.equal(sequences[1], sequences[0]! + 1);
  assert.equal(BigInt(sequences[1]!) + 1n, (await queue.info()).nextSequence);
});

await test("options of a group outside their limits are refused before they are sent", async () => {
  const queue = client.partitionedQueue("keyed");
  const long = "\u00e4".repeat(128);
  const wrong = [{ maxBatchBytes: 0 }, { maxBatchBytes: 1.5 }, { answerLimitSeconds: 0 }, { answerLimitSeconds: 3601 }, { output: long }];
  for (const options of wrong) {
    await assert.rejects(queue.joinGroup("limits", options), RangeError, JSON.stringify(options));
  }

  await assert.rejects(queue.joinGroup(long), RangeError);
  await assert.rejects(queue.joinGroup(""), RangeError);
});

await test("a group is removed only without members", async () => {
  const queue = client.partitionedQueue("keyed");
  const member = await queue.joinGroup("removed");
  await assert.rejects(
    queue.removeGroup("removed"),
    (error) => error instanceof EstreamClientError && error.status === Status.Conflict,
  );
  await member.close();
  assert.equal(await queue.removeGroup("removed"), true);
  assert.equal(await queue.removeGroup("removed"), false);
  await assert.rejects(queue.removeGroup(""), RangeError);
});

await test("a member that is closed while it joins again leaves the group", { timeout: 120_000 }, async () => {
  const groupJoin = 11;
  let joins = 0;
  let cut = (): void => undefined;
  let closed: Promise<void> | undefined;
  const watched: Connector = async (events, signal) => {
    const transport = await connector(events, signal);
    cut = () => events.closed(new Error("cut by the test"));
    const send = (frame: Uint8Array): void => {
      transport.send(frame);
      if (frame[4] === groupJoin && ++joins === 2) {
        closed = member.close();
      }
    };
    return { send, close: () => transport.close() };
  };
  const second = await EstreamClient.connect(watched, { ...(token && { token }) });
  const member = await second.partitionedQueue("keyed").joinGroup("closing", { answerLimitSeconds: 3600 });
  for (let partition = 0; partition < 8; partition++) {
    await client.queue(`keyed.000${partition}`).append("left");
  }

  await member.next();
  cut();
  await assert.rejects(member.next());
  await closed;

  // A member that had not left would keep half of the partitions.
  const other = await client.partitionedQueue("keyed").joinGroup("closing");
  const seen = new Set<number>();
  while (seen.size < 8) {
    const batch = await other.next();
    seen.add(batch.partition);
    assert.ok(await batch.done());
  }

  await other.close();
  second.close();
});

client.close();

async function run(step: Step): Promise<unknown> {
  const map = client.map(step.map);
  switch (step.do) {
    case "append":
      await client.queue(step.queue).appendBatch(step.messages);
      return null;
    case "appendKey":
      return (await client.partitionedQueue(step.queue).append(step.key, step.value)).partition;
    case "resume":
      return resume(step);
    case "info":
      return pick(await client.queue(step.queue).info(), step.expect as object);
    case "read":
      return read(step);
    case "removeCursor":
      return client.queue(step.queue).removeCursor(step.cursor!);
    case "group":
      return consume(step);
    case "get":
      return valueOf(map, step.key);
    case "await":
      while ((await valueOf(map, step.key)) !== step.expect) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }

      return step.expect;
    case "put":
      versions.set(step.key, await map.put(step.key, step.value, step.millis));
      return null;
    case "exchange":
      return exchange(map, step);
    case "remove":
      return map.remove(step.key);
    case "scan":
      return scan(map, step);
    case "watch":
      return watch(map, step);
    default:
      throw new Error(`unknown step ${step.do}`);
  }
}

async function resume(step: Step): Promise<number> {
  const appender = await client.queue(step.queue).resumeAppender(new TextEncoder().encode(step.producer));
  const next = Number(appender.nextNumber);
  for (const message of step.messages) {
    await appender.append(message);
  }

  await appender.flush();
  return next;
}

async function read(step: Step): Promise<string[]> {
  const from: SubscribeStart | undefined =
    step.sequence !== undefined
      ? { sequence: BigInt(step.sequence) }
      : step.time !== undefined
        ? { time: BigInt(step.time) }
        : undefined;
  const messages = await client.queue(step.queue).subscribe({
    ...(from && { from }),
    ...(step.cursor && { cursor: step.cursor }),
    ...(step.schema && { schema: step.schema }),
    ...(step.filter && { filter: step.filter }),
  });
  const found = [];
  for await (const message of messages) {
    found.push(message);
    if (found.length === step.count) {
      break;
    }
  }

  if (step.commit !== undefined) {
    await messages.commit(found[step.commit]!);
  }

  await messages.close();
  return found.map((message) => text(message.payload));
}

/** Joins a group, answers the first messages of its next batch, and leaves. */
async function consume(step: Step): Promise<string[]> {
  const member = await client.partitionedQueue(step.queue).joinGroup(step.cursor!, { ...(step.output && { output: step.output }) });
  const batch = await member.next();
  const found = batch.messages.map((message) => text(message.payload));
  const results = step.output ? found.slice(0, step.commit).map((message) => `${batch.partition} ${message}`) : [];
  assert.ok(await batch.done(results, step.commit));
  await member.close();
  return found;
}

async function valueOf(map: RemoteMap, key: string): Promise<string | null> {
  const entry = await map.get(key);
  return entry ? text(entry.value) : null;
}

async function exchange(map: RemoteMap, step: Step): Promise<boolean> {
  const expected = step.version === undefined ? step.expected : step.version === "last" ? versions.get(step.key)! : 0n;
  return (await map.compareExchange(step.key, expected, step.value)).isDone;
}

async function watch(map: RemoteMap, step: Step): Promise<string[]> {
  const seen: string[] = [];
  for await (const entry of map.watch(step.key)) {
    seen.push(entry ? text(entry.value) : "");
    if (seen.length === 2) {
      break;
    }

    await map.put(step.key, step.then);
  }

  return seen;
}

function pick(info: object, wanted: object): object {
  const all = info as Record<string, bigint | number | boolean>;
  return Object.fromEntries(Object.keys(wanted).map((key) => [key, typeof all[key] === "bigint" ? Number(all[key]) : all[key]]));
}

async function scan(map: RemoteMap, step: Step): Promise<string[]> {
  const found: string[] = [];
  for await (const [key, entry] of map.scan(step.prefix, step.after)) {
    found.push(`${text(key)}=${text(entry.value)}`);
  }

  return found;
}
