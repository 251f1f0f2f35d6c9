import {
  EstreamClientError,
  FrameSplitter,
  Op,
  PayloadReader,
  PayloadWriter,
  Status,
  decode,
  magic,
  maxHelloBytes,
  version,
  type Frame,
} from "./frames.js";
import type { Connector, Transport } from "./transport.js";

/** Receives the frames with one request id. */
export interface FrameHandler {
  /** Returns whether more frames with this id follow. */
  frame(frame: Frame): boolean;
  closed(reason: EstreamClientError): void;
}

export interface ConnectionOptions {
  /** The access token; none over a Unix socket. */
  readonly token?: string;
  /** The name of the client in the log of the host. */
  readonly name?: string;
  /** The interval of keep-alives in seconds, 1 to 3,600. Default 10. */
  readonly keepAliveSeconds?: number;
}

/** One connection to a host. Ends with the first failure. */
export class Connection {
  readonly #handlers = new Map<number, FrameHandler>();
  readonly #splitter = new FrameSplitter();
  #transport: Transport | undefined;
  #failure: EstreamClientError | undefined;
  #nextId = 0;
  #maxFrameBytes = maxHelloBytes;
  #lastReceived = Date.now();
  #timer: ReturnType<typeof setInterval> | undefined;

  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  get maxFrameBytes(): number {
    return this.#maxFrameBytes;
  }

  /** Opens a connection. Fails if the host has not answered after `limitMillis`. */
  static async open(connector: Connector, options: ConnectionOptions, limitMillis: number): Promise<Connection> {
    const connection = new Connection();
    const abort = new AbortController();
    const events = {
      data: (bytes: Uint8Array) => connection.#receive(bytes),
      closed: (reason: Error) => connection.#end(new EstreamClientError(reason.message, Status.Unavailable)),
    };
    const transport = connector(events, abort.signal);
    const silence = new EstreamClientError(`The host has not answered for ${limitMillis} ms.`, Status.Unavailable);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<never>((_, reject) => (timer = setTimeout(reject, limitMillis, silence)));
    try {
      connection.#transport = await Promise.race([transport, limit]);
      await Promise.race([connection.#greet(options), limit]);
      return connection;
    } catch (failure) {
      connection.close();
      abort.abort();
      transport.then((late) => late.close()).catch(() => undefined);
      throw failure;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends a request and waits for its response. Rejects if the status is neither Ok nor an expected one. */
  async request(op: number, payload: PayloadWriter, what: string, ...expected: number[]): Promise<Frame> {
    const frame = await new Promise<Frame>((resolve, reject) => {
      this.send(op, payload, {
        frame: (response) => {
          resolve(response);
          return false;
        },
        closed: reject,
      });
    });
    if (frame.status !== Status.Ok && !expected.includes(frame.status)) {
      throw refusal(frame, what);
    }

    return frame;
  }

  /** Sends a frame whose responses a handler receives. Returns the request id. */
  send(op: number, payload: PayloadWriter, handler: FrameHandler): number {
    if (this.#failure) {
      handler.closed(this.#failure);
      return 0;
    }

    const id = (this.#nextId = (this.#nextId + 1) >>> 0 || 1);
    const frame = payload.end(op, id);
    if (frame.length > this.#maxFrameBytes) {
      throw new RangeError(`The request takes ${frame.length} bytes, but the host accepts ${this.#maxFrameBytes}.`);
    }

    this.#handlers.set(id, handler);
    this.#transport?.send(frame);
    return id;
  }

  /** Sends a frame without a response, with the id of an earlier request. */
  sendFor(op: number, id: number, payload: PayloadWriter): void {
    if (!this.#failure) {
      this.#transport?.send(payload.end(op, id));
    }
  }

  /** Drops all further frames with a request id. */
  forget(id: number): void {
    this.#handlers.delete(id);
  }

  close(): void {
    this.#end(new EstreamClientError("The client is closed.", Status.Unavailable));
  }

  async #greet(options: ConnectionOptions): Promise<void> {
    const keepAlive = options.keepAliveSeconds ?? 10;
    const hello = new PayloadWriter()
      .uint32(magic)
      .uint16(version)
      .uint16(keepAlive)
      .text(options.token ?? "")
      .text(options.name ?? "javascript");
    const welcome = new PayloadReader((await this.request(Op.hello, hello, "The host refused the connection")).payload);
    welcome.uint16();
    welcome.byte();
    this.#maxFrameBytes = welcome.uint32();
    this.#timer = setInterval(() => this.#keepAlive(3000 * keepAlive), 1000 * keepAlive);
  }

  #keepAlive(silenceMillis: number): void {
    if (Date.now() - this.#lastReceived > silenceMillis) {
      this.#end(new EstreamClientError("The host has not answered.", Status.Unavailable));
    } else {
      this.sendFor(Op.ping, 0, new PayloadWriter());
    }
  }

  #receive(bytes: Uint8Array): void {
    this.#lastReceived = Date.now();
    try {
      for (const frame of this.#splitter.push(bytes, this.#maxFrameBytes)) {
        if (frame.id === 0 && frame.status !== Status.Ok) {
          throw refusal(frame, "The host closed the connection");
        }

        if (this.#handlers.get(frame.id)?.frame(frame) === false) {
          this.#handlers.delete(frame.id);
        }
      }
    } catch (failure) {
      this.#end(failure instanceof EstreamClientError ? failure : new EstreamClientError(String(failure), Status.Failed));
    }
  }

  #end(reason: EstreamClientError): void {
    if (this.#failure) {
      return;
    }

    this.#failure = reason;
    clearInterval(this.#timer);
    this.#transport?.close();
    const handlers = [...this.#handlers.values()];
    this.#handlers.clear();
    for (const handler of handlers) {
      handler.closed(reason);
    }
  }
}

export function refusal(frame: Frame, what: string): EstreamClientError {
  return new EstreamClientError(`${what}: ${decode(frame.payload)}`, frame.status);
}
