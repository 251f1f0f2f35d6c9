import type { EstreamClient } from "./client.js";
import { EstreamClientError, Op, PayloadReader, PayloadWriter, Status, encode } from "./frames.js";
import { RemoteGroupMember, requireName, type GroupOptions } from "./group.js";
import { xxh64 } from "./hash.js";
import type { RemoteAppender, RemoteQueue } from "./queue.js";

/** A partitioned queue of a host. */
export class RemotePartitionedQueue {
  readonly name: string;
  readonly #client: EstreamClient;
  #partitions: RemoteQueue[] | undefined;

  constructor(client: EstreamClient, name: string) {
    this.#client = client;
    this.name = name;
  }

  /** Returns the number of partitions, which never changes. Asks the host at the first call. */
  async partitionCount(): Promise<number> {
    return (await this.#open()).length;
  }

  /** Returns a partition, which is a queue like any other. */
  partition(partition: number): RemoteQueue {
    return this.#partitions?.[partition] ?? this.#client.queue(`${this.name}.${String(partition).padStart(4, "0")}`);
  }

  /**
   * Appends a message to the partition of its key, and waits until the host has stored it. Messages with the same key keep their order if
   * each call is awaited before the next. The key is not stored.
   */
  async append(key: string | Uint8Array, message: string | Uint8Array): Promise<{ partition: number; position: bigint }> {
    const partitions = await this.#open();
    const partition = partitionOf(key, partitions.length);
    return { partition, position: await partitions[partition]!.append(message) };
  }

  /** Creates an appender that sends batches. */
  async createAppender(): Promise<RemotePartitionedAppender> {
    return new RemotePartitionedAppender(await this.#open());
  }

  /**
   * Joins a consumer group: its members, on any machines, share the partitions of the queue, and each partition has one reader at a time.
   * A new group starts at the oldest message of each partition. If its output has results of a group of this name, the new group starts
   * after the last result of each partition.
   */
  joinGroup(group: string, options: GroupOptions = {}): Promise<RemoteGroupMember> {
    return RemoteGroupMember.join(this.#client, this.name, group, options);
  }

  /**
   * Removes a consumer group without members and its positions, so that retention no longer waits for the group. The queue of its output is
   * not changed. A new group of this name may have another output. It starts at the oldest messages; if its output has results of the
   * removed group, it continues after the last result of each partition.
   * @returns Whether the group existed.
   */
  async removeGroup(group: string): Promise<boolean> {
    requireName("group", group);
    const connection = await this.#client.connection();
    const request = new PayloadWriter().text(this.name).text(group);
    return new PayloadReader((await connection.request(Op.groupRemove, request, `Queue '${this.name}'`)).payload).byte() !== 0;
  }

  async #open(): Promise<RemoteQueue[]> {
    if (this.#partitions) {
      return this.#partitions;
    }

    const connection = await this.#client.connection();
    const request = new PayloadWriter().text(this.name);
    const count = new PayloadReader((await connection.request(Op.queuePartitions, request, `Queue '${this.name}'`)).payload).uint32();
    if (count === 0 || count > 1024) {
      throw new EstreamClientError(
        `Queue '${this.name}' has no partitions. Use queue(), or set Queues:${this.name}:Partitions of the host.`,
        Status.Invalid,
      );
    }

    return (this.#partitions ??= Array.from({ length: count }, (_, number) => this.partition(number)));
  }
}

/** Appends to the partitions of a queue by key, in batches. Messages with the same key keep their order. */
export class RemotePartitionedAppender {
  readonly #partitions: readonly RemoteQueue[];
  readonly #appenders = new Map<number, RemoteAppender>();

  constructor(partitions: readonly RemoteQueue[]) {
    this.#partitions = partitions;
  }

  /** Adds a message to the partition of its key. Call flush() to know that the host has stored it. */
  append(key: string | Uint8Array, message: string | Uint8Array): Promise<void> {
    return this.of(partitionOf(key, this.#partitions.length)).append(message);
  }

  /** Returns the appender of a partition. */
  of(partition: number): RemoteAppender {
    const queue = this.#partitions[partition];
    if (!queue) {
      throw new RangeError(`Partition ${partition} does not exist. Use 0 to ${this.#partitions.length - 1}.`);
    }

    const appender = this.#appenders.get(partition) ?? queue.createAppender();
    this.#appenders.set(partition, appender);
    return appender;
  }

  /** Waits until the host has stored all earlier messages. */
  async flush(): Promise<void> {
    await Promise.all([...this.#appenders.values()].map((appender) => appender.flush()));
  }
}

function partitionOf(key: string | Uint8Array, partitions: number): number {
  return Number(xxh64(encode(key)) % BigInt(partitions));
}
