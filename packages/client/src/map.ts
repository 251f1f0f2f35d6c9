import { delay, isTransient, type EstreamClient } from "./client.js";
import { refusal } from "./connection.js";
import { Op, PayloadReader, PayloadWriter, Status, encode, type Frame } from "./frames.js";

export interface MapEntry {
  readonly value: Uint8Array;
  /** The version, above 0. A later version of a key is higher. */
  readonly version: bigint;
  /** The time at which the entry expires, in nanoseconds since 1970 UTC; 0 if it does not expire. */
  readonly expiresAt: bigint;
}

export interface MapChangeResult {
  readonly isDone: boolean;
  /** The version of the entry after the call; 0 if the map does not have the key. */
  readonly version: bigint;
}

type Bytes = string | Uint8Array;

/** A map of a host. Maps that fold a queue can only be read. If the connection is lost during a change, its result is unknown. */
export class RemoteMap {
  readonly name: string;
  readonly #client: EstreamClient;

  constructor(client: EstreamClient, name: string) {
    this.#client = client;
    this.name = name;
  }

  /** Returns the entry of a key; undefined if the map does not have it. */
  async get(key: Bytes): Promise<MapEntry | undefined> {
    return entryOf(await this.#request(Op.mapGet, this.#begin().shortBytes(encode(key))));
  }

  /** Stores a value, and returns its version. */
  async put(key: Bytes, value: Bytes, timeToLiveMillis = 0): Promise<bigint> {
    const request = this.#begin().int64(BigInt(timeToLiveMillis)).shortBytes(encode(key)).raw(encode(value));
    return new PayloadReader((await this.#request(Op.mapPut, request)).payload).int64();
  }

  /** Stores a value if the entry has the expected version (0: absent), or the expected value. */
  async compareExchange(key: Bytes, expected: bigint | Bytes, value: Bytes, timeToLiveMillis = 0): Promise<MapChangeResult> {
    const isByVersion = typeof expected === "bigint";
    const request = this.#begin()
      .byte(isByVersion ? 0 : 1)
      .int64(BigInt(timeToLiveMillis))
      .shortBytes(encode(key))
      .int64(isByVersion ? expected : 0n)
      .longBytes(isByVersion ? new Uint8Array(0) : encode(expected))
      .raw(encode(value));
    const response = await this.#request(Op.mapCompareExchange, request, Status.Conflict);
    return { isDone: response.status === Status.Ok, version: new PayloadReader(response.payload).int64() };
  }

  /** Removes a key, if the entry has the expected version. Returns whether the key was removed. */
  async remove(key: Bytes, expectedVersion = -1n): Promise<boolean> {
    const request = this.#begin().int64(expectedVersion).shortBytes(encode(key));
    return (await this.#request(Op.mapRemove, request, Status.Conflict)).status === Status.Ok;
  }

  /** Returns the entries whose keys start with a prefix, after a key, in byte order. */
  async *scan(prefix: Bytes = "", after: Bytes = ""): AsyncGenerator<readonly [Uint8Array, MapEntry]> {
    let last = encode(after);
    let hasMore = true;
    while (hasMore) {
      const request = this.#begin().shortBytes(encode(prefix)).shortBytes(last);
      const page = new PayloadReader((await this.#request(Op.mapScan, request)).payload);
      hasMore = page.byte() !== 0;
      while (!page.isAtEnd) {
        last = page.raw(page.uint16());
        const version = page.int64();
        const expiresAt = page.int64();
        yield [last, { version, expiresAt, value: page.raw(page.uint32()) }];
      }
    }
  }

  /** Returns the entry of a key now and after each change. Fast changes are combined. */
  async *watch(key: Bytes): AsyncGenerator<MapEntry | undefined> {
    let seen = -1n;
    while (true) {
      try {
        for await (const frame of this.#changes(encode(key))) {
          const entry = entryOf(frame);
          if ((entry?.version ?? 0n) !== seen) {
            seen = entry?.version ?? 0n;
            yield entry;
          }
        }
      } catch (failure) {
        if (!isTransient(failure)) {
          throw failure;
        }

        await delay(100);
      }
    }
  }

  async *#changes(key: Uint8Array): AsyncGenerator<Frame> {
    const connection = await this.#client.connection();
    let newest: Frame | undefined;
    let failure: Error | undefined;
    let wake = (): void => {};
    const id = connection.send(Op.mapWatch, this.#begin().shortBytes(key), {
      frame: (frame) => {
        newest = frame;
        wake();
        return frame.status === Status.Ok;
      },
      closed: (reason) => {
        failure = reason;
        wake();
      },
    });
    try {
      while (true) {
        while (newest === undefined && failure === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }

        if (newest === undefined) {
          throw failure;
        }

        const frame: Frame = newest;
        newest = undefined;
        if (frame.status !== Status.Ok) {
          throw refusal(frame, `Map '${this.name}'`);
        }

        yield frame;
      }
    } finally {
      connection.send(Op.mapUnwatch, new PayloadWriter().uint32(id), { frame: () => false, closed: () => {} });
    }
  }

  #begin(): PayloadWriter {
    return new PayloadWriter().text(this.name);
  }

  async #request(op: number, payload: PayloadWriter, ...expected: number[]): Promise<Frame> {
    return (await this.#client.connection()).request(op, payload, `Map '${this.name}'`, ...expected);
  }
}

function entryOf(frame: Frame): MapEntry | undefined {
  const reader = new PayloadReader(frame.payload);
  const isPresent = reader.byte() !== 0;
  const version = reader.int64();
  const expiresAt = reader.int64();
  return isPresent ? { version, expiresAt, value: reader.rest() } : undefined;
}
