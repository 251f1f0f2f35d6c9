import { delay, isTransient, type EstreamClient } from "./client.js";
import { refusal, type Connection } from "./connection.js";
import { EstreamClientError, Op, PayloadReader, PayloadWriter, Status, encode, headerBytes, type Frame } from "./frames.js";
import { requireName } from "./group.js";

export interface RemoteMessage {
  readonly position: bigint;
  readonly sequence: bigint;
  /** The time at which the message was appended, in nanoseconds since 1970 UTC. */
  readonly time: bigint;
  readonly payload: Uint8Array;
}

export interface RemoteQueueInfo {
  readonly firstSequence: bigint;
  readonly nextSequence: bigint;
  readonly endPosition: bigint;
  readonly maxMessageBytes: number;
  readonly isWritable: boolean;
}

/** Where a subscription begins. */
export type SubscribeStart =
  | "oldest"
  | "next"
  | { readonly position: bigint }
  | { readonly after: bigint }
  | { readonly sequence: bigint }
  | { readonly time: bigint };

export interface SubscribeOptions {
  /** The cursor on the host that stores the position. Requires the role operator. */
  readonly cursor?: string;
  /** Default: the position of the cursor, or the oldest message. */
  readonly from?: SubscribeStart;
  /** The schema whose messages are sent. */
  readonly schema?: string;
  /** An expression over the fields of the schema. */
  readonly filter?: string;
}

/** A queue of a host. */
export class RemoteQueue {
  readonly name: string;
  readonly #client: EstreamClient;
  #appender: RemoteAppender | undefined;

  constructor(client: EstreamClient, name: string) {
    this.#client = client;
    this.name = name;
  }

  /** Appends a message, and waits until the host has stored it. Returns its position. */
  append(message: string | Uint8Array): Promise<bigint> {
    return this.appendBatch([message]);
  }

  /** Appends messages as one request, and waits until the host has stored them. Returns the position of the first. */
  appendBatch(messages: readonly (string | Uint8Array)[]): Promise<bigint> {
    return (this.#appender ??= this.createAppender()).appendTogether(messages);
  }

  /** Creates an appender that sends batches. */
  createAppender(): RemoteAppender {
    return new RemoteAppender(this.#client, this.name);
  }

  /**
   * Creates an appender that continues after the last message which the host has of a producer, so that a program that was killed stores no
   * message twice and loses none. Append again from message `nextNumber` on: each number must always be the same message.
   * @param producer 16 random bytes that the program keeps. Only one appender may use them at a time.
   */
  async resumeAppender(producer: Uint8Array): Promise<RemoteAppender> {
    if (producer.length !== 16) {
      throw new RangeError(`A producer has 16 bytes, not ${producer.length}.`);
    }

    const connection = await this.#client.connection();
    const request = new PayloadWriter().text(this.name).raw(producer);
    const reader = new PayloadReader((await connection.request(Op.producer, request, `Queue '${this.name}'`)).payload);
    return new RemoteAppender(this.#client, this.name, producer, reader.int64());
  }

  /** Subscribes to the messages of the queue. */
  async subscribe(options: SubscribeOptions = {}): Promise<MessageSubscription> {
    const subscription = new MessageSubscription(this.#client, this.name, options);
    await subscription.begin();
    return subscription;
  }

  /**
   * Removes a cursor that no subscription uses, so that retention no longer waits for it. A new cursor of this name starts at the oldest
   * message.
   * @returns Whether the cursor existed.
   */
  async removeCursor(cursor: string): Promise<boolean> {
    requireName("cursor", cursor);
    const connection = await this.#client.connection();
    const request = new PayloadWriter().text(this.name).text(cursor);
    return new PayloadReader((await connection.request(Op.cursorRemove, request, `Queue '${this.name}'`)).payload).byte() !== 0;
  }

  async info(): Promise<RemoteQueueInfo> {
    const connection = await this.#client.connection();
    const request = new PayloadWriter().text(this.name);
    const reader = new PayloadReader((await connection.request(Op.queueInfo, request, `Queue '${this.name}'`)).payload);
    return {
      firstSequence: reader.int64(),
      nextSequence: reader.int64(),
      endPosition: reader.int64(),
      maxMessageBytes: reader.uint32(),
      isWritable: reader.byte() !== 0,
    };
  }
}

interface Block {
  readonly first: bigint;
  readonly messages: Uint8Array[];
  bytes: number;
  requestId: number;
  done?: (position: bigint) => void;
  failed?: (reason: Error) => void;
}

const batchBytes = 128 << 10;
const appendHeaderBytes = 1024;

/**
 * Appends to a queue in batches. The host stores each message once, although unacknowledged messages are sent again after a lost
 * connection or a restart of the host.
 */
export class RemoteAppender {
  readonly #client: EstreamClient;
  readonly #queue: string;
  readonly #producer: Uint8Array;
  #sent: Block[] = [];
  #current: Block;
  #next: bigint;
  #unacknowledged = 0;
  #position = -1n;
  #connection: Connection | undefined;
  #isRecovering = false;
  #failure: Error | undefined;
  #waiters: (() => void)[] = [];

  constructor(client: EstreamClient, queue: string, producer: Uint8Array = crypto.getRandomValues(new Uint8Array(16)), last = 0n) {
    this.#client = client;
    this.#queue = queue;
    this.#producer = producer;
    this.#next = last + 1n;
    this.#current = { first: this.#next, messages: [], bytes: 0, requestId: 0 };
  }

  /** The number of the next message. The messages of a producer are numbered 1, 2, 3, … */
  get nextNumber(): bigint {
    return this.#next;
  }

  /** Adds a message. Waits while too many bytes are unacknowledged. Call flush() to know that the host has stored it. */
  async append(message: string | Uint8Array): Promise<void> {
    while (!this.#failure && this.#unacknowledged >= (this.#client.options.appendWindowBytes ?? 4 << 20)) {
      await this.#progress();
    }

    this.#add(encode(message));
    if (this.#sent.length === 0 || this.#current.bytes >= batchBytes) {
      this.#send();
    }
  }

  /** Waits until the host has stored all earlier messages. Returns the position of the last request. */
  async flush(): Promise<bigint> {
    this.#throwIfFailed();
    this.#send();
    const through = this.#next;
    while (!this.#failure && (this.#sent[0]?.first ?? this.#next) < through) {
      await this.#progress();
    }

    this.#throwIfFailed();
    return this.#position;
  }

  appendTogether(messages: readonly (string | Uint8Array)[]): Promise<bigint> {
    return new Promise((resolve, reject) => {
      this.#send();
      for (const message of messages) {
        this.#add(encode(message));
      }

      this.#current.done = resolve;
      this.#current.failed = reject;
      this.#send();
    });
  }

  #add(message: Uint8Array): void {
    this.#throwIfFailed();
    const limit = (this.#connection?.maxFrameBytes ?? 64 << 10) - headerBytes - appendHeaderBytes;
    if (this.#current.messages.length > 0 && this.#current.bytes + message.length + 4 > limit) {
      this.#send();
    }

    this.#current.messages.push(message);
    this.#current.bytes += message.length + 4;
    this.#unacknowledged += message.length + 4;
    this.#next++;
  }

  #send(): void {
    if (this.#current.messages.length === 0) {
      return;
    }

    const block = this.#current;
    this.#sent.push(block);
    this.#current = { first: this.#next, messages: [], bytes: 0, requestId: 0 };
    if (this.#isRecovering) {
      return;
    }

    if (this.#connection?.isOpen) {
      this.#write(block);
    } else {
      void this.#recover(0);
    }
  }

  #write(block: Block): void {
    const request = new PayloadWriter()
      .text(this.#queue)
      .raw(this.#producer)
      .int64(block.first)
      .uint32(block.messages.length);
    for (const message of block.messages) {
      request.uint32(message.length);
    }

    for (const message of block.messages) {
      request.raw(message);
    }

    try {
      block.requestId = this.#connection!.send(Op.append, request, {
        frame: (frame) => {
          this.#answer(block, frame);
          return false;
        },
        closed: () => void this.#recover(0),
      });
    } catch (failure) {
      this.#fail(failure as Error);
    }
  }

  #answer(block: Block, frame: Frame): void {
    if (frame.id !== block.requestId || this.#sent[0] !== block) {
      // The response to an earlier attempt, or a refusal that follows the refusal of an earlier block.
      return;
    }

    if (frame.status === Status.Ok) {
      this.#position = new PayloadReader(frame.payload).int64();
      this.#unacknowledged -= block.bytes;
      this.#sent.shift();
      block.done?.(this.#position);
      if (this.#sent.length === 0) {
        this.#send();
      }

      this.#release();
    } else if (frame.status === Status.Unavailable) {
      void this.#recover(100);
    } else {
      this.#fail(refusal(frame, `Queue '${this.#queue}' refused messages from number ${block.first}`));
    }
  }

  /** Sends everything that is not acknowledged again, after a pause and over an open connection. */
  async #recover(pauseMillis: number): Promise<void> {
    if (this.#isRecovering || this.#failure) {
      return;
    }

    this.#isRecovering = true;
    for (const block of this.#sent) {
      block.requestId = 0;
    }

    try {
      await delay(pauseMillis);
      this.#connection = await this.#client.connection();
      this.#isRecovering = false;
      for (const block of [...this.#sent]) {
        this.#write(block);
      }
    } catch (failure) {
      this.#fail(failure as Error);
    }
  }

  #fail(failure: Error): void {
    this.#failure ??= failure;
    for (const block of [...this.#sent, this.#current]) {
      block.failed?.(failure);
    }

    this.#release();
  }

  #throwIfFailed(): void {
    if (this.#failure) {
      throw this.#failure;
    }
  }

  #progress(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #release(): void {
    for (const wake of this.#waiters.splice(0)) {
      wake();
    }
  }
}

/** The messages of a queue, in order. Iterate once; a lost connection is visible only as a pause. */
export class MessageSubscription implements AsyncIterable<RemoteMessage> {
  readonly #client: EstreamClient;
  readonly #queue: string;
  readonly #options: SubscribeOptions;
  #from: SubscribeStart | undefined;
  #attempt: Attempt | undefined;
  #isClosed = false;

  constructor(client: EstreamClient, queue: string, options: SubscribeOptions) {
    this.#client = client;
    this.#queue = queue;
    this.#options = options;
    this.#from = options.from;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RemoteMessage> {
    while (!this.#isClosed) {
      const attempt = this.#attempt!;
      for await (const payload of attempt.frames()) {
        const reader = new PayloadReader(payload);
        while (!reader.isAtEnd) {
          const message = readMessage(reader);
          this.#from = { after: message.position };
          yield message;
        }

        attempt.grant(payload.length);
      }

      if (!this.#isClosed) {
        if (attempt.failure && !isTransient(attempt.failure)) {
          throw attempt.failure;
        }

        await this.#beginAgain();
      }
    }
  }

  /** Stores in the cursor that a message and all earlier messages are done. */
  async commit(message: RemoteMessage): Promise<void> {
    if (this.#options.cursor === undefined) {
      throw new TypeError("This subscription has no cursor. Set the option cursor.");
    }

    await this.#attempt!.commit(message.position);
  }

  /** Ends the subscription. The cursor keeps its last committed position. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#attempt?.close();
  }

  async begin(): Promise<void> {
    const attempt = new Attempt(await this.#client.connection(), this.#client.options.subscriptionBytes ?? 1 << 20);
    const start = await attempt.begin(this.#queue, this.#options, this.#from);
    this.#from = { position: start };
    this.#attempt = attempt;
  }

  async #beginAgain(): Promise<void> {
    const from = this.#from;
    while (true) {
      try {
        await this.begin();
        return;
      } catch (failure) {
        if (!isTransient(failure)) {
          throw failure;
        }

        this.#from = from;
        await delay(100);
      }
    }
  }
}

/** A subscription over one connection. */
class Attempt {
  failure: EstreamClientError | undefined;
  readonly #connection: Connection;
  readonly #window: number;
  readonly #frames: Uint8Array[] = [];
  #id = 0;
  #granted = 0;
  #isEnded = false;
  #wake = (): void => {};

  constructor(connection: Connection, window: number) {
    this.#connection = connection;
    this.#window = window;
  }

  begin(queue: string, options: SubscribeOptions, from: SubscribeStart | undefined): Promise<bigint> {
    const [kind, value] = startOf(from, options.cursor !== undefined);
    const request = new PayloadWriter()
      .text(queue)
      .byte(kind)
      .int64(value)
      .uint32(this.#window)
      .text(options.cursor ?? "")
      .text(options.schema ?? "")
      .text(options.filter ?? "");
    return new Promise((resolve, reject) => {
      this.#id = this.#connection.send(Op.subscribe, request, {
        frame: (frame) => {
          if (frame.op !== Op.subscribe) {
            return this.#receive(frame);
          }

          if (frame.status === Status.Ok) {
            resolve(new PayloadReader(frame.payload).int64());
            return true;
          }

          reject(refusal(frame, `Queue '${queue}' refused the subscription`));
          return false;
        },
        closed: (reason) => {
          this.#end(reason);
          reject(reason);
        },
      });
    });
  }

  async *frames(): AsyncGenerator<Uint8Array> {
    while (true) {
      const next = this.#frames.shift();
      if (next) {
        yield next;
      } else if (this.#isEnded) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  grant(bytes: number): void {
    this.#granted += bytes;
    if (this.#granted >= this.#window / 4) {
      this.#connection.sendFor(Op.credit, this.#id, new PayloadWriter().uint32(this.#granted));
      this.#granted = 0;
    }
  }

  async commit(position: bigint): Promise<void> {
    await this.#connection.request(Op.commit, new PayloadWriter().uint32(this.#id).int64(position), "The cursor");
  }

  async close(): Promise<void> {
    this.#end(undefined);
    await this.#connection.request(Op.unsubscribe, new PayloadWriter().uint32(this.#id), "The subscription").catch(() => {});
  }

  #receive(frame: Frame): boolean {
    if (frame.status === Status.Ok) {
      this.#frames.push(frame.payload);
      this.#wake();
      return true;
    }

    this.#end(refusal(frame, "The host ended the subscription"));
    return false;
  }

  #end(reason: EstreamClientError | undefined): void {
    this.failure ??= reason;
    this.#isEnded = true;
    this.#wake();
  }
}

/** Reads the next message of a frame. */
export function readMessage(reader: PayloadReader): RemoteMessage {
  const position = reader.int64();
  const sequence = reader.int64();
  const time = reader.int64();
  return { position, sequence, time, payload: reader.raw(reader.uint32()) };
}

function startOf(from: SubscribeStart | undefined, hasCursor: boolean): [number, bigint] {
  if (from === undefined) {
    return [hasCursor ? 6 : 0, 0n];
  }

  if (typeof from === "string") {
    return [from === "oldest" ? 0 : 1, 0n];
  }

  if ("position" in from) {
    return [2, from.position];
  }

  if ("sequence" in from) {
    return [3, from.sequence];
  }

  return "time" in from ? [4, from.time] : [5, from.after];
}
