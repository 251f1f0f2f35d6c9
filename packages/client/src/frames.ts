/** The frames of docs/formats/client.md. */

export const Op = {
  hello: 1,
  ping: 2,
  append: 3,
  subscribe: 4,
  messages: 5,
  credit: 6,
  commit: 7,
  unsubscribe: 8,
  queueInfo: 9,
  producer: 10,
  groupJoin: 11,
  groupMessages: 12,
  groupDone: 13,
  groupLeave: 14,
  groupRemove: 15,
  mapGet: 16,
  mapPut: 17,
  mapCompareExchange: 18,
  mapRemove: 19,
  mapScan: 20,
  mapWatch: 21,
  mapChange: 22,
  mapUnwatch: 23,
  queuePartitions: 25,
  cursorRemove: 26,
  streamSubscribe: 27,
  streamMessages: 28,
} as const;

/** The result of a request. */
export const Status = {
  Ok: 0,
  NotFound: 1,
  Conflict: 2,
  Unauthorized: 3,
  Forbidden: 4,
  Invalid: 5,
  LimitExceeded: 6,
  Unavailable: 7,
  TakenOver: 8,
  OutOfSequence: 9,
  Failed: 10,
  ProtocolError: 11,
} as const;

export type StatusCode = (typeof Status)[keyof typeof Status];

export const headerBytes = 12;
export const maxHelloBytes = 8192;
export const magic = 0x43545345;
export const version = 1;

/** A host refused a request, or could not be reached. */
export class EstreamClientError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.name = "EstreamClientError";
    this.status = status;
  }
}

const utf8 = new TextEncoder();
const text = new TextDecoder();

export const encode = (value: string | Uint8Array): Uint8Array => (typeof value === "string" ? utf8.encode(value) : value);
export const decode = (bytes: Uint8Array): string => text.decode(bytes);

/** Builds the payload of a frame. */
export class PayloadWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = headerBytes;

  byte(value: number): this {
    this.#reserve(1);
    this.#view.setUint8(this.#length - 1, value);
    return this;
  }

  uint16(value: number): this {
    this.#reserve(2);
    this.#view.setUint16(this.#length - 2, value, true);
    return this;
  }

  uint32(value: number): this {
    this.#reserve(4);
    this.#view.setUint32(this.#length - 4, value, true);
    return this;
  }

  int64(value: bigint): this {
    this.#reserve(8);
    this.#view.setBigInt64(this.#length - 8, value, true);
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length - bytes.length);
    return this;
  }

  text(value: string): this {
    return this.shortBytes(utf8.encode(value));
  }

  shortBytes(bytes: Uint8Array): this {
    if (bytes.length > 0xffff) {
      throw new RangeError(`A key or name has ${bytes.length} bytes; the maximum is 65,535.`);
    }

    return this.uint16(bytes.length).raw(bytes);
  }

  longBytes(bytes: Uint8Array): this {
    return this.uint32(bytes.length).raw(bytes);
  }

  /** Returns the frame. */
  end(op: number, id: number): Uint8Array {
    this.#view.setUint32(0, this.#length - 4, true);
    this.#view.setUint8(4, op);
    this.#view.setUint32(8, id, true);
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
  }
}

/** Reads the payload of a frame. Throws if a field does not fit. */
export class PayloadReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true);
  }

  raw(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  rest(): Uint8Array {
    return this.raw(this.#bytes.length - this.#offset);
  }

  #take(count: number): number {
    const at = this.#offset;
    if (at + count > this.#bytes.length) {
      throw new EstreamClientError("The host sent a damaged frame. Update client or host.", Status.ProtocolError);
    }

    this.#offset += count;
    return at;
  }
}

export interface Frame {
  readonly op: number;
  readonly status: number;
  readonly id: number;
  readonly payload: Uint8Array;
}

/** Splits received bytes into frames. */
export class FrameSplitter {
  #rest: Uint8Array = new Uint8Array(0);

  /** Adds bytes and returns the frames that are complete. */
  push(bytes: Uint8Array, maxFrameBytes: number): Frame[] {
    let all = bytes;
    if (this.#rest.length > 0) {
      all = new Uint8Array(this.#rest.length + bytes.length);
      all.set(this.#rest);
      all.set(bytes, this.#rest.length);
    }

    const frames: Frame[] = [];
    const view = new DataView(all.buffer, all.byteOffset, all.length);
    let offset = 0;
    while (all.length - offset >= headerBytes) {
      const length = view.getUint32(offset, true) + 4;
      if (length < headerBytes || length > maxFrameBytes || view.getUint16(offset + 6, true) !== 0) {
        throw new EstreamClientError("The host sent bytes that are not a frame. Check the address.", Status.ProtocolError);
      }

      if (all.length - offset < length) {
        break;
      }

      frames.push({
        op: view.getUint8(offset + 4),
        status: view.getUint8(offset + 5),
        id: view.getUint32(offset + 8, true),
        payload: all.slice(offset + headerBytes, offset + length),
      });
      offset += length;
    }

    this.#rest = all.slice(offset);
    return frames;
  }
}
