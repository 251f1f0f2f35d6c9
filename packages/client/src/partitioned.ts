import type { EstreamClient } from "./client.js";
import { RemoteGroupMember, type GroupOptions } from "./group.js";

/** A partitioned queue of a host. */
export class RemotePartitionedQueue {
  readonly name: string;
  readonly #client: EstreamClient;

  constructor(client: EstreamClient, name: string) {
    this.#client = client;
    this.name = name;
  }

  /**
   * Joins a consumer group: its members, on any machines, share the partitions of the queue, and each partition has one reader at a time.
   * A new group starts at the oldest messages.
   */
  joinGroup(group: string, options: GroupOptions = {}): Promise<RemoteGroupMember> {
    return RemoteGroupMember.join(this.#client, this.name, group, options);
  }
}
