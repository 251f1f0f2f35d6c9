import type { Overview } from '../api/types';
import { Store } from '../state/store';
import { backoffMs } from './backoff';
import type { Connection } from './connection';
import { EventStream } from './eventStream';
import { inReadingOrder } from './queueOrder';
import { emptyHistory, withSample, type RateHistory } from './rateHistory';

/** All data of the host on the page, updated over one event stream until `stop`. */
export class LiveFeed {
  readonly connection = new Store<Connection>({ phase: 'connecting' });
  readonly overview = new Store<Overview | null>(null);
  readonly history = new Store<RateHistory>(emptyHistory);

  /** The version of the catalogue of widgets that the host announced last; null before the first. */
  readonly widgets = new Store<string | null>(null);

  /** Why the newest event of the host was not understood; null if it was. */
  readonly misunderstood = new Store<Error | null>(null);

  private stream: EventStream | null = null;
  private retryTimer = 0;
  private attempt = 0;
  private lastEventAt: number | null = null;

  start(): void {
    this.stop();
    this.stream = new EventStream('/api/events?messages=false', {
      overview: (overview) => this.acceptOverview(overview),
      widgets: (etag) => this.widgets.set(etag),
      misunderstood: (error) => this.misunderstood.set(error),
      lost: () => this.scheduleRetry(),
    });
  }

  stop(): void {
    clearTimeout(this.retryTimer);
    this.stream?.close();
    this.stream = null;
  }

  /** Reconnects now, without waiting for the backoff. */
  readonly retryNow = (): void => {
    this.connection.set({ phase: 'retrying', since: this.lastEventAt });
    this.start();
  };

  private acceptOverview(overview: Overview): void {
    const now = Date.now();
    this.lastEventAt = now;
    this.attempt = 0;
    this.misunderstood.set(null);
    if (this.connection.get().phase !== 'live') {
      this.connection.set({ phase: 'live' });
    }
    this.overview.set({ ...overview, queues: inReadingOrder(overview) });
    this.history.set(withSample(this.history.get(), now / 1000, overview.queues));
  }

  private scheduleRetry(): void {
    const delay = backoffMs(this.attempt++);
    this.connection.set({ phase: 'waiting', since: this.lastEventAt, retryAt: Date.now() + delay });
    this.retryTimer = setTimeout(this.retryNow, delay);
  }
}
