import { isDeclared, WidgetSecurityError } from '@estream/sdk-browser';
import type { BatchItem, ToFrame } from '../frame/protocol';
import type { InstalledWidget } from '../types';
import { StreamBacklog, TableBacklog, type Backlog } from './Backlog';
import type { Gateway } from './Gateway';

/** The hooks of a frame that may be subscribed at the same time. */
const mostSubscriptions = 32;

/** The different sources of these hooks. All widgets of a page share the 64 subscriptions of its connection. */
const mostSources = 8;

const mostPerSecond = 10_000;
const tablePrefix = 'table:';

type Source = Pick<InstalledWidget, 'id' | 'streams' | 'tables'>;

interface Options {
  gateway: Pick<Gateway, 'subscribe'>;
  send: (message: ToFrame) => void;
  /** Called with the reason when the page or the host refuses a subscription. */
  refused: (reason: string) => void;
  /** Schedules a callback after all data that has arrived together. Default: a microtask. */
  schedule?: (callback: () => void) => void;
}

/**
 * The subscriptions of one frame. Checks each with the declaration of the widget before the host does, and sends the lines of all of
 * them as one batch. The frame acknowledges a batch when it has drawn it, and only then gets the next: at most one per animation frame, and
 * none while the page is hidden.
 */
export class FrameData {
  private readonly widget: Source;
  private readonly options: Required<Options>;
  private readonly subscriptions = new Map<number, { source: string; backlog: Backlog; end: () => void; isFilled: boolean }>();
  private isScheduled = false;
  private isAwaited = false;
  private isPaused = false;

  constructor(widget: Source, options: Options) {
    this.widget = widget;
    this.options = { schedule: (callback) => queueMicrotask(callback), ...options };
  }

  /** Opens a subscription with the id that the frame has chosen. */
  readonly open = (id: number, source: string, maxPerSecond: number): void => {
    if (this.subscriptions.has(id)) {
      return;
    }
    const rate = Math.min(mostPerSecond, Math.max(1, Math.floor(maxPerSecond) || 1));
    const refusal = this.refusalOf(source, rate);
    if (refusal !== null) {
      this.fail(id, refusal);
      return;
    }
    const backlog = source.startsWith(tablePrefix) ? new TableBacklog() : new StreamBacklog();
    const request = { component: this.widget.id, pattern: source, maxPerSecond: rate };
    const end = this.options.gateway.subscribe(request, {
      opened: () => {
        // After a lost connection, lines that wait are older than what the host sends now.
        backlog.clear();
        this.options.send({ type: 'opened', id });
      },
      batch: ({ lines, dropped }) => {
        backlog.add(lines, dropped);
        this.schedule();
      },
      failed: (error) => {
        this.subscriptions.delete(id);
        this.fail(id, error);
      },
    });
    this.subscriptions.set(id, { source: `${rate} ${source}`, backlog, end, isFilled: false });
  };

  readonly end = (id: number): void => {
    this.subscriptions.get(id)?.end();
    this.subscriptions.delete(id);
  };

  /** The frame has drawn the last batch. */
  readonly acknowledge = (): void => {
    this.isAwaited = false;
    this.schedule();
  };

  /** Holds the data back while the dashboard is paused, except the first of a subscription. The newest lines win. */
  setPaused(isPaused: boolean): void {
    this.isPaused = isPaused;
    this.schedule();
  }

  readonly close = (): void => {
    for (const { end } of this.subscriptions.values()) {
      end();
    }
    this.subscriptions.clear();
  };

  private refusalOf(source: string, rate: number): Error | null {
    if (this.subscriptions.size >= mostSubscriptions) {
      return new Error(`A widget may have ${mostSubscriptions} subscriptions at the same time. End one first.`);
    }
    const sources = new Set([...this.subscriptions.values()].map((one) => one.source)).add(`${rate} ${source}`);
    if (sources.size > mostSources) {
      return new Error(`A widget may subscribe to ${mostSources} different sources at the same time; a source with another rate is another one. End one first.`);
    }
    const isTable = source.startsWith(tablePrefix);
    const isAllowed = isTable ? this.widget.tables.includes(source.slice(tablePrefix.length)) : isDeclared(this.widget.streams, source);
    return isAllowed
      ? null
      : new WidgetSecurityError(`The manifest of ${this.widget.id} does not declare ${isTable ? 'the table' : 'the stream'} '${isTable ? source.slice(tablePrefix.length) : source}'.`);
  }

  private fail(id: number, error: Error): void {
    this.options.send({ type: 'failed', id, text: error.message, isSecurity: error instanceof WidgetSecurityError });
    this.options.refused(error.message);
  }

  private schedule(): void {
    if (!this.isScheduled) {
      this.isScheduled = true;
      this.options.schedule(() => {
        this.isScheduled = false;
        this.flush();
      });
    }
  }

  private flush(): void {
    if (this.isAwaited) {
      return;
    }
    const items: BatchItem[] = [];
    for (const [id, subscription] of this.subscriptions) {
      const batch = this.isPaused && subscription.isFilled ? null : subscription.backlog.take();
      if (batch !== null) {
        subscription.isFilled = true;
        items.push({ id, ...batch });
      }
    }
    if (items.length > 0) {
      this.isAwaited = true;
      this.options.send({ type: 'batch', items });
    }
  }
}
