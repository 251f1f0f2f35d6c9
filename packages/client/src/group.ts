import { Backoff, delay, isTransient, type EstreamClient } from "./client.js";
import { refusal, type Connection } from "./connection.js";
import { EstreamClientError, Op, PayloadReader, PayloadWriter, Status, encode, type Frame } from "./frames.js";
import { readMessage, type RemoteMessage } from "./queue.js";

export interface GroupOptions {
  /**
   * The queue of the host that stores the results together with the progress of the group, so that each message has its effect exactly
   * once. All members of a group use the same output. Default: none, so messages are delivered at least once.
   */
  readonly output?: string;
  /** The maximum length of a batch in bytes, from 1; a longer message comes alone. Default 64 KiB. */
  readonly maxBatchBytes?: number;
  /** The time to answer a batch, 1 to 3,600 s. After this time, other members get the partitions of this member. Default 30. */
  readonly answerLimitSeconds?: number;
}

const pauseMillis = 100;

// The attempts to join a full group take a minute in total.
const mostRefusals = 12;
const refusedPauseMillis = 5_000;
const maxNameBytes = 255;
const maxBatchBytes = 2 ** 31 - 1;
const maxAnswerSeconds = 3600;

/** A batch of messages of one partition. Only one member of the group at a time gets messages of the partition. */
export class GroupBatch {
  readonly partition: number;
  /** The messages in the order of their partition, at least one. */
  readonly messages: readonly RemoteMessage[];
  readonly #answer: (batch: GroupBatch, position: bigint, results: readonly Uint8Array[]) => Promise<boolean>;

  constructor(
    partition: number,
    messages: readonly RemoteMessage[],
    answer: (batch: GroupBatch, position: bigint, results: readonly Uint8Array[]) => Promise<boolean>,
  ) {
    this.partition = partition;
    this.messages = messages;
    this.#answer = answer;
  }

  /**
   * Tells the host that the first `count` messages are processed, and stores their results in the output of the group. The results and the
   * progress become visible together or not at all. The host delivers the other messages again.
   * @param results The results; none if the group has no output, or if `count` is 0.
   * @param count The number of processed messages. Default: all.
   * @returns Whether the host has stored results and progress. False if the membership ended before the response, such as by a
   * lost connection or the time limit. Then call `next()`: the host delivers messages again whose results are not stored.
   */
  done(results: readonly (string | Uint8Array)[] = [], count = this.messages.length): Promise<boolean> {
    if (!Number.isInteger(count) || count < 0 || count > this.messages.length) {
      return Promise.reject(new RangeError(`count is ${count}; set a whole number from 0 to ${this.messages.length}.`));
    }

    return this.#answer(this, count === 0 ? -1n : this.messages[count - 1]!.position, results.map(encode));
  }
}

/**
 * A member of a consumer group of a partitioned queue. The members, on any machines, share the partitions. Each partition has at most one
 * reader at a time. If the connection is lost, the next call joins again.
 */
export class RemoteGroupMember implements AsyncIterable<GroupBatch> {
  readonly group: string;
  readonly #client: EstreamClient;
  readonly #queue: string;
  readonly #options: GroupOptions;
  #membership!: Membership;
  #batch: GroupBatch | undefined;
  #partitionCount = 0;
  #isClosed = false;
  #joining: Promise<void> | undefined;
  /** Set from the first attempt to join again until a batch is received. */
  #rejoining: Backoff | undefined;

  private constructor(client: EstreamClient, queue: string, group: string, options: GroupOptions) {
    this.#client = client;
    this.#queue = queue;
    this.group = group;
    this.#options = options;
  }

  static async join(client: EstreamClient, queue: string, group: string, options: GroupOptions): Promise<RemoteGroupMember> {
    requireName("queue", queue);
    requireName("group", group);
    requireName("output", options.output || "-");
    requireWhole("maxBatchBytes", options.maxBatchBytes ?? 1, maxBatchBytes);
    requireWhole("answerLimitSeconds", options.answerLimitSeconds ?? 1, maxAnswerSeconds);
    const member = new RemoteGroupMember(client, queue, group, options);
    await member.#join();
    return member;
  }

  get partitionCount(): number {
    return this.#partitionCount;
  }

  /** Waits for messages of a partition of this member. Answer them before the next call. */
  async next(): Promise<GroupBatch> {
    if (this.#batch && this.#membership.isOpen) {
      throw new Error("The last batch was not answered. Call done(), or done([], 0) to get the batch again.");
    }

    this.#batch = undefined;
    while (!this.#isClosed) {
      const payload = await this.#membership.receive();
      if (payload) {
        this.#rejoining = undefined;
        return (this.#batch = this.#read(payload));
      }

      const failure = this.#membership.failure;
      if (failure && !isTransient(failure) && failure.status !== Status.TakenOver) {
        throw failure;
      }

      if (!this.#isClosed) {
        await this.#joinAgain();
      }
    }

    throw new EstreamClientError("The member has left the group.", Status.Failed);
  }

  /** The batches, without end. Answer each before the next one. */
  async *[Symbol.asyncIterator](): AsyncGenerator<GroupBatch> {
    while (!this.#isClosed) {
      yield await this.next();
    }
  }

  /** Leaves the group: other members get the partitions, and the messages of a batch that is not answered. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#membership.close();
    await this.#joining?.catch(() => {});
  }

  async #answer(batch: GroupBatch, position: bigint, results: readonly Uint8Array[]): Promise<boolean> {
    if (batch !== this.#batch) {
      throw new Error("The batch was answered already. Call next() for the next batch.");
    }

    this.#batch = undefined;
    while (true) {
      const frame = await this.#membership.answer(batch.partition, position, results).catch((failure: unknown) => {
        // The request is too long and was not sent.
        this.#batch = batch;
        throw failure;
      });
      if (frame === undefined || frame.status === Status.TakenOver) {
        return false;
      }

      if (frame.status === Status.Ok) {
        return true;
      }

      if (frame.status !== Status.Unavailable) {
        // A failed flush comes after the host has taken the answer.
        this.#batch = frame.status === Status.Failed ? undefined : batch;
        throw refusal(frame, `The host refused the results of partition ${batch.partition} of '${this.#queue}'`);
      }

      await delay(pauseMillis);
    }
  }

  #join(): Promise<void> {
    return (this.#joining = this.#joinNow());
  }

  async #joinNow(): Promise<void> {
    const membership = new Membership(await this.#client.connection());
    this.#partitionCount = await membership.join(this.#queue, this.group, this.#options);
    this.#membership = membership;
    if (this.#isClosed) {
      await membership.close();
    }
  }

  /** Joins again. The pauses between attempts grow until a batch is received. */
  async #joinAgain(): Promise<void> {
    let refusals = 0;
    while (!this.#isClosed) {
      if (this.#rejoining) {
        await delay(this.#rejoining.next());
      }

      this.#rejoining ??= new Backoff();
      try {
        await this.#join();
        return;
      } catch (failure) {
        if (failure instanceof EstreamClientError && failure.status === Status.LimitExceeded && refusals++ < mostRefusals) {
          // The host may still count the lost connection, or another member may leave soon.
          await delay(refusedPauseMillis);
        } else if (!isTransient(failure)) {
          throw failure;
        }
      }
    }
  }

  #read(payload: Uint8Array): GroupBatch {
    const reader = new PayloadReader(payload);
    const partition = reader.uint16();
    const messages: RemoteMessage[] = [];
    while (!reader.isAtEnd) {
      messages.push(readMessage(reader));
    }

    return new GroupBatch(partition, messages, (batch, position, results) => this.#answer(batch, position, results));
  }
}

export function requireName(what: string, name: string): void {
  const length = encode(name).length;
  if (length === 0 || length > maxNameBytes) {
    throw new RangeError(`The name of the ${what} has ${length} bytes; set 1 to ${maxNameBytes}.`);
  }
}

function requireWhole(option: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new RangeError(`${option} is ${value}; set a whole number from 1 to ${most}.`);
  }
}

/** A membership over one connection. */
class Membership {
  failure: EstreamClientError | undefined;
  readonly #connection: Connection;
  #next: Uint8Array | undefined;
  #id = 0;
  #isEnded = false;
  #wake = (): void => {};

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get isOpen(): boolean {
    return !this.#isEnded;
  }

  join(queue: string, group: string, options: GroupOptions): Promise<number> {
    const request = new PayloadWriter()
      .text(queue)
      .text(group)
      .text(options.output ?? "")
      .uint32(options.maxBatchBytes ?? 64 << 10)
      .uint16(options.answerLimitSeconds ?? 30);
    return new Promise((resolve, reject) => {
      this.#id = this.#connection.send(Op.groupJoin, request, {
        frame: (frame) => {
          if (frame.op !== Op.groupJoin) {
            return this.#receive(frame);
          }

          if (frame.status === Status.Ok) {
            resolve(new PayloadReader(frame.payload).uint32());
            return true;
          }

          reject(refusal(frame, `Queue '${queue}' refused a member of group '${group}'`));
          return false;
        },
        closed: (reason) => {
          this.#end(reason);
          reject(reason);
        },
      });
    });
  }

  /** Waits for the next frame. Returns undefined if the membership has ended. */
  async receive(): Promise<Uint8Array | undefined> {
    while (!this.#isEnded && !this.#next) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }

    const payload = this.#isEnded ? undefined : this.#next;
    this.#next = undefined;
    return payload;
  }

  /** Sends the answer to a batch. Returns undefined if the connection was lost. */
  async answer(partition: number, position: bigint, results: readonly Uint8Array[]): Promise<Frame | undefined> {
    const request = new PayloadWriter().uint32(this.#id).uint16(partition).int64(position).uint32(results.length);
    for (const result of results) {
      request.uint32(result.length);
    }

    for (const result of results) {
      request.raw(result);
    }

    return new Promise((resolve, reject) => {
      try {
        this.#connection.send(Op.groupDone, request, {
          frame: (frame) => {
            resolve(frame);
            return false;
          },
          closed: (reason) => {
            this.#end(reason);
            resolve(undefined);
          },
        });
      } catch (failure) {
        reject(failure as Error);
      }
    });
  }

  async close(): Promise<void> {
    this.#end(undefined);
    await this.#connection.request(Op.groupLeave, new PayloadWriter().uint32(this.#id), "The group").catch(() => {});
  }

  #receive(frame: Frame): boolean {
    if (frame.status === Status.Ok) {
      this.#next = frame.payload;
      this.#wake();
      return true;
    }

    this.#end(refusal(frame, "The host ended the membership"));
    return false;
  }

  #end(reason: EstreamClientError | undefined): void {
    this.failure ??= reason;
    this.#isEnded = true;
    this.#wake();
  }
}
