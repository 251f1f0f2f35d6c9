/** What a subscription asks of the host. */
export interface StreamRequest {
  /** The component whose signed manifest and permissions apply; empty for built-in widgets. */
  component: string;
  /** `lex://…` or `table:NAME`. */
  pattern: string;
  maxPerSecond: number;
}

export interface StreamBatch {
  dropped: number;
  lines: readonly string[];
}

export type LineStream = AsyncIterable<StreamBatch> & { close(): void };

/** The part of a client of the host that the gateway uses. */
export interface StreamClient {
  stream(request: StreamRequest & { opened: () => void }): LineStream;
  close(): void;
}

/** Receives the data of one subscription. */
export interface StreamListener {
  /** The host has accepted the subscription: at the beginning, and after a lost connection. A table then sends all its entries. */
  opened(): void;
  batch(batch: StreamBatch): void;
  /** The host has refused or ended the subscription. No other call follows. */
  failed(error: Error): void;
}

/**
 * The data of all widgets of the page over one WebSocket, which is open while something is subscribed. The client connects again
 * after a loss, and its streams continue.
 */
export class Gateway {
  private readonly connect: () => Promise<StreamClient>;
  private client: Promise<StreamClient> | null = null;
  private users = 0;

  constructor(connect: () => Promise<StreamClient>) {
    this.connect = connect;
  }

  /** Subscribes until the returned function is called. */
  subscribe(request: StreamRequest, listener: StreamListener): () => void {
    let isOpen = true;
    let stream: LineStream | null = null;
    const end = (): void => {
      if (isOpen) {
        isOpen = false;
        stream?.close();
        this.release();
      }
    };
    const read = async (): Promise<void> => {
      try {
        // A connection that fails ends all its subscriptions, so the next one connects again.
        const client = await (this.client ??= this.connect());
        if (!isOpen) {
          return;
        }
        stream = client.stream({ ...request, opened: () => isOpen && listener.opened() });
        for await (const batch of stream) {
          if (!isOpen) {
            return;
          }
          listener.batch(batch);
        }
        throw new Error('The host has ended the subscription.');
      } catch (error) {
        if (isOpen) {
          end();
          listener.failed(error instanceof Error ? error : new Error(String(error)));
        }
      }
    };
    this.users++;
    void read();
    return end;
  }

  private release(): void {
    if (--this.users === 0) {
      const client = this.client;
      this.client = null;
      void client?.then((open) => open.close()).catch(() => undefined);
    }
  }
}
