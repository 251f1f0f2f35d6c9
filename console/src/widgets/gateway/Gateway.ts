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

/** The subscriptions of one connection, as the host limits them. */
const mostShares = 64;

/** Equal requests of the page: one subscription of the host. */
interface Share {
  request: StreamRequest;
  listeners: Set<StreamListener>;
  stream: LineStream | null;
  /** Whether the host has accepted the subscription. */
  isOpen: boolean;
  /** Changes when the subscription begins again or ends. */
  turn: number;
}

/**
 * The data of all widgets of the page over one WebSocket, which is open while something is subscribed. Equal requests share a
 * subscription. The client connects again after a loss, and its streams continue.
 */
export class Gateway {
  private readonly connect: () => Promise<StreamClient>;
  private client: Promise<StreamClient> | null = null;
  private readonly shares = new Map<string, Share>();

  constructor(connect: () => Promise<StreamClient>) {
    this.connect = connect;
  }

  /** Subscribes until the returned function is called. */
  subscribe(request: StreamRequest, listener: StreamListener): () => void {
    const key = keyOf(request);
    const known = this.shares.get(key);
    if (known === undefined && this.shares.size >= mostShares) {
      let isWaiting = true;
      queueMicrotask(() => isWaiting && listener.failed(new Error(`The page has ${mostShares} different subscriptions, which is the most. Remove a widget, or leave the page.`)));
      return () => (isWaiting = false);
    }
    const share: Share = known ?? { request, listeners: new Set(), stream: null, isOpen: false, turn: 0 };
    this.shares.set(key, share);
    share.listeners.add(listener);
    if (known === undefined || (known.isOpen && isTable(request))) {
      // The host sends all entries of a table at its beginning only, so a table begins again for all.
      void this.read(share);
    } else if (known.isOpen) {
      listener.opened();
    }
    return () => {
      if (share.listeners.delete(listener) && share.listeners.size === 0) {
        this.end(share);
      }
    };
  }

  private async read(share: Share): Promise<void> {
    const turn = ++share.turn;
    const isPresent = (): boolean => share.turn === turn;
    share.stream?.close();
    share.isOpen = false;
    try {
      // A connection that fails ends all its subscriptions, so the next one connects again.
      const client = await (this.client ??= this.connect());
      if (!isPresent()) {
        return;
      }
      share.stream = client.stream({
        ...share.request,
        opened: () => {
          if (isPresent()) {
            share.isOpen = true;
            tell(share, (listener) => listener.opened());
          }
        },
      });
      for await (const batch of share.stream) {
        if (!isPresent()) {
          return;
        }
        tell(share, (listener) => listener.batch(batch));
      }
      throw new Error('The host has ended the subscription.');
    } catch (error) {
      if (isPresent()) {
        this.end(share);
        tell(share, (listener) => listener.failed(error instanceof Error ? error : new Error(String(error))));
      }
    }
  }

  private end(share: Share): void {
    const key = keyOf(share.request);
    if (this.shares.get(key) !== share) {
      return;
    }
    this.shares.delete(key);
    share.turn++;
    share.stream?.close();
    if (this.shares.size === 0) {
      const client = this.client;
      this.client = null;
      void client?.then((open) => open.close()).catch(() => undefined);
    }
  }
}

function tell(share: Share, act: (listener: StreamListener) => void): void {
  for (const listener of [...share.listeners]) {
    // A listener may end another one.
    if (share.listeners.has(listener)) {
      act(listener);
    }
  }
}

function isTable({ pattern }: StreamRequest): boolean {
  return pattern.startsWith('table:');
}

function keyOf({ component, pattern, maxPerSecond }: StreamRequest): string {
  return JSON.stringify([component, pattern, maxPerSecond]);
}
