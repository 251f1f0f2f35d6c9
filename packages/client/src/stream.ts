import { delay, isTransient, type EstreamClient } from "./client.js";
import { refusal, type Connection } from "./connection.js";
import { Op, PayloadReader, PayloadWriter, Status, decode, type Frame } from "./frames.js";

export interface StreamOptions {
  /** The installed component whose widget reads. Default: none, so the token alone decides. */
  readonly component?: string;
  /** `lex://…`, in which a segment `{name}` stands for any one segment, or `table:NAME`. */
  readonly pattern: string;
  /** The maximum number of lines a second, 1 to 10,000. Over it, the host sends only the newest messages. Default 1,000. */
  readonly maxPerSecond?: number;
  /** Called each time the host accepts the subscription: at the beginning, and after a lost connection. */
  readonly opened?: () => void;
}

/** Lines that the host sent together. */
export interface StreamBatch {
  /** The number of messages since the last batch that the host left out, because there were more than `maxPerSecond`. */
  readonly dropped: number;
  /** One JSON object each. */
  readonly lines: string[];
}

const defaultPerSecond = 1000;
const windowBytes = 256 << 10;

/**
 * The newest messages of streams, or the entries of a table and their changes, as JSON lines. After a lost connection, a stream continues
 * with its newest message, and a table sends all entries again.
 */
export class StreamSubscription implements AsyncIterable<StreamBatch> {
  readonly #client: EstreamClient;
  readonly #options: StreamOptions;
  #isClosed = false;
  #wake = (): void => {};

  constructor(client: EstreamClient, options: StreamOptions) {
    this.#client = client;
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamBatch> {
    while (!this.#isClosed) {
      try {
        yield* this.#batches(await this.#client.connection());
      } catch (failure) {
        if (!isTransient(failure)) {
          throw failure;
        }

        await delay(100);
      }
    }
  }

  /** Ends the subscription, and the iteration. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  async *#batches(connection: Connection): AsyncGenerator<StreamBatch> {
    const frames: Frame[] = [];
    let failure: Error | undefined;
    const request = new PayloadWriter()
      .text(this.#options.component ?? "")
      .text(this.#options.pattern)
      .uint32(this.#options.maxPerSecond ?? defaultPerSecond)
      .uint32(windowBytes);
    const id = connection.send(Op.streamSubscribe, request, {
      frame: (frame) => {
        frames.push(frame);
        this.#wake();
        return frame.status === Status.Ok;
      },
      closed: (reason) => {
        failure = reason;
        this.#wake();
      },
    });
    let unacknowledged = 0;
    try {
      while (!this.#isClosed) {
        const frame = frames.shift();
        if (frame === undefined) {
          if (failure !== undefined) {
            throw failure;
          }

          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        } else if (frame.status !== Status.Ok) {
          throw refusal(frame, `Stream '${this.#options.pattern}'`);
        } else if (frame.op === Op.streamSubscribe) {
          this.#options.opened?.();
        } else if (frame.op === Op.streamMessages) {
          yield batchOf(frame);
          unacknowledged += frame.payload.length;
          if (unacknowledged >= windowBytes / 4) {
            connection.sendFor(Op.credit, id, new PayloadWriter().uint32(unacknowledged));
            unacknowledged = 0;
          }
        }
      }
    } finally {
      connection.forget(id);
      connection.send(Op.unsubscribe, new PayloadWriter().uint32(id), { frame: () => false, closed: () => {} });
    }
  }
}

function batchOf(frame: Frame): StreamBatch {
  const reader = new PayloadReader(frame.payload);
  const dropped = reader.uint32();
  return { dropped, lines: decode(reader.rest()).split("\n").slice(0, -1) };
}
