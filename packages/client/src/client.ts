import { Connection, type ConnectionOptions } from "./connection.js";
import { EstreamClientError, Status } from "./frames.js";
import { RemoteMap } from "./map.js";
import { RemotePartitionedQueue } from "./partitioned.js";
import { RemoteQueue } from "./queue.js";
import { StreamSubscription, type StreamOptions } from "./stream.js";
import type { Connector } from "./transport.js";

export interface ClientOptions extends ConnectionOptions {
  /** The total time to connect. Attempts repeat while the host cannot be reached; each takes at most a third of it, or 5 s. Default 30 s. */
  readonly connectTimeoutMillis?: number;
  /** The unacknowledged bytes of an appender from which appends wait. Default 4 MiB. */
  readonly appendWindowBytes?: number;
  /** The bytes that a subscription buffers before the host stops sending. Default 1 MiB. */
  readonly subscriptionBytes?: number;
}

const firstPauseMillis = 20;
const longestPauseMillis = 1000;
const shortestLimitMillis = 5000;

/**
 * A client of a host. Queues and maps share one connection, which is opened again after it was lost: appenders resend what is not
 * acknowledged, and subscriptions and watches continue.
 */
export class EstreamClient {
  readonly options: ClientOptions;
  readonly #connector: Connector;
  #connection: Connection | undefined;
  #connecting: Promise<Connection> | undefined;
  #isClosed = false;

  private constructor(connector: Connector, options: ClientOptions) {
    this.#connector = connector;
    this.options = options;
  }

  /** Connects to a host: `webSocket(...)` in a browser, `nodeSocket(...)` of "@estream/client/node" in Node.js. */
  static async connect(connector: Connector, options: ClientOptions = {}): Promise<EstreamClient> {
    const client = new EstreamClient(connector, options);
    await client.connection();
    return client;
  }

  queue(name: string): RemoteQueue {
    return new RemoteQueue(this, name);
  }

  partitionedQueue(name: string): RemotePartitionedQueue {
    return new RemotePartitionedQueue(this, name);
  }

  map(name: string): RemoteMap {
    return new RemoteMap(this, name);
  }

  /**
   * Subscribes to streams or to a table, as JSON lines. The subscription begins with the iteration; iterate once. The iteration throws if
   * the host refuses the subscription.
   */
  stream(options: StreamOptions): StreamSubscription {
    return new StreamSubscription(this, options);
  }

  /** Closes the connection. Flush appenders before. */
  close(): void {
    this.#isClosed = true;
    this.#connection?.close();
  }

  /** Returns the open connection; opens one if there is none. Concurrent calls share the attempt. */
  async connection(): Promise<Connection> {
    if (this.#isClosed) {
      throw new EstreamClientError("The client is closed.", Status.Failed);
    }

    if (this.#connection?.isOpen) {
      return this.#connection;
    }

    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #connect(): Promise<Connection> {
    const timeout = this.options.connectTimeoutMillis ?? 30_000;
    const end = Date.now() + timeout;
    const backoff = new Backoff();
    while (true) {
      try {
        const limit = Math.max(1, Math.min(Math.max(timeout / 3, shortestLimitMillis), end - Date.now()));
        this.#connection = await Connection.open(this.#connector, this.options, limit);
        return this.#connection;
      } catch (failure) {
        const isRefusal = failure instanceof EstreamClientError && failure.status !== Status.Unavailable;
        if (isRefusal || failure instanceof TypeError || this.#isClosed) {
          throw failure;
        }

        const pause = backoff.next();
        if (Date.now() + pause > end) {
          throw new EstreamClientError(`The host cannot be reached: ${(failure as Error).message}`, Status.Unavailable);
        }

        await delay(pause);
      }
    }
  }
}

/** Pauses between attempts to reach a host: the first is 20 ms; each pause is twice the previous one, up to 1 s. */
export class Backoff {
  #next = firstPauseMillis;

  next(): number {
    const pause = this.#next;
    this.#next = Math.min(2 * pause, longestPauseMillis);
    return pause;
  }
}

export function delay(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}

/** Whether a failure ends with the next connection. */
export function isTransient(failure: unknown): boolean {
  return failure instanceof EstreamClientError && failure.status === Status.Unavailable;
}
