import { decodeOverview } from '../api/decode';
import { parseJson } from '../api/json';
import { DecodeError, Reader } from '../api/reader';
import type { Overview } from '../api/types';

/** The host sends an overview every half second; after this time without one the connection counts as lost. */
const silenceMs = 4000;

interface EventStreamHandlers {
  overview(overview: Overview): void;
  /** The widgets or themes of the host have changed, or the page has connected. */
  widgets(etag: string): void;
  /** An event of the host was not understood. The connection stays open until the watchdog ends it. */
  misunderstood(error: Error): void;
  /** Called once; no other handler is called afterwards. */
  lost(): void;
}

/**
 * One connection to the host's event stream, with a watchdog. It never reconnects; the caller does, because the retry
 * of EventSource has no backoff and reports nothing.
 */
export class EventStream {
  private readonly source: EventSource;
  private readonly handlers: EventStreamHandlers;
  private watchdog = 0;

  constructor(url: string, handlers: EventStreamHandlers) {
    this.handlers = handlers;
    this.source = new EventSource(url);
    this.source.addEventListener('overview', (event) => {
      // Last, so that a host with unreadable overviews does not count as live.
      if (this.deliver(() => handlers.overview(decodeOverview(parseJson(event.data))))) {
        this.expectMore();
      }
    });
    this.source.addEventListener('widgets', (event) => {
      this.deliver(() => handlers.widgets(Reader.of(parseJson(event.data), 'widgets').text('etag')));
    });
    this.source.addEventListener('error', () => this.lose());
    this.expectMore();
  }

  close(): void {
    clearTimeout(this.watchdog);
    this.source.close();
  }

  private deliver(event: () => void): boolean {
    try {
      event();
      return true;
    } catch (error) {
      if (error instanceof DecodeError || error instanceof SyntaxError) {
        this.handlers.misunderstood(error);
        return false;
      }
      throw error;
    }
  }

  private expectMore(): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.lose(), silenceMs);
  }

  private lose(): void {
    this.close();
    this.handlers.lost();
  }
}
