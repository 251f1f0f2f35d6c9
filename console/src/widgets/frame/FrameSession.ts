import { decodeFromFrame, mostMessageChars, type FrameProps, type FrameStart, type FromFrame, type ToFrame } from './protocol';

/** The messages of a frame in one second above which the page drops the frame. */
const mostMessagesPerSecond = 200;

/** The count of a message that writes to the browser or draws the dashboard again. All other messages count 1. */
const costs: Partial<Record<FromFrame['type'], number>> = { storage: 10, config: 10 };

const pingMs = 1000;

/** Pings without an answer, one each second, after which a frame counts as hung. */
const mostPings = 5;

/** The heap of a frame above which the page drops the frame. Only Chromium measures it. */
export const mostHeapBytes = 256 * 1024 * 1024;

/** The different reports of a frame that the page keeps. */
const mostReports = 20;

/** Why the page has dropped a frame. */
export type StopKind = 'flooding' | 'hung' | 'memory' | 'navigated' | 'not isolated' | 'invalid' | 'failed';

export interface FrameReport {
  kind: 'error' | 'violation' | 'refused';
  text: string;
  count: number;
}

export interface FrameStatus {
  phase: 'loading' | 'running' | 'stopped';
  /** Why the frame was dropped; null while the frame runs. */
  stop: { kind: StopKind; text: string } | null;
  /** The first different errors, violations and refusals in the frame. */
  reports: readonly FrameReport[];
}

/** What the session of a frame asks of the page. */
export interface FrameServices {
  /** Fetches and checks what the frame starts with. */
  load: () => Promise<Pick<FrameStart, 'runtime' | 'bundle'>>;
  /** Handles requests for data. */
  data: { open: (id: number, source: string, maxPerSecond: number) => void; end: (id: number) => void; acknowledge: () => void; close: () => void };
  storage: (message: Extract<FromFrame, { type: 'storage' }>) => Promise<string | null>;
  configChanged: (message: Extract<FromFrame, { type: 'config' }>) => void;
  /** Called after each change of the status. */
  changed: (status: FrameStatus) => void;
}

/** The parts of an iframe element that a session uses. */
export type FrameElement = Pick<HTMLIFrameElement, 'contentWindow' | 'contentDocument' | 'addEventListener' | 'removeEventListener'>;

/**
 * The session of one frame: the page's end of its port and its limits. The session ends when the frame exceeds a limit, and then sends no
 * more messages to the frame. The owner of the session then removes the element, which ends the code of the widget.
 */
export class FrameSession {
  private readonly element: FrameElement;
  private readonly services: FrameServices;
  private readonly start: Omit<FrameStart, 'type' | 'runtime' | 'bundle' | 'state'>;
  private props: FrameProps;
  private port: MessagePort | null = null;
  private status: FrameStatus = { phase: 'loading', stop: null, reports: [] };
  private isIsolated = false;
  private isStarted = false;
  private pings = 0;
  private second = 0;
  private messagesInSecond = 0;
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(element: FrameElement, start: FrameSession['start'], props: FrameProps, services: FrameServices) {
    this.element = element;
    this.start = start;
    this.props = props;
    this.services = services;
    element.addEventListener('load', this.loaded);
    this.timer = setInterval(this.ping, pingMs);
  }

  /** Ends the session without a reason: the widget is no longer on the page. */
  close(): void {
    this.element.removeEventListener('load', this.loaded);
    clearInterval(this.timer);
    this.port?.close();
    this.port = null;
    this.services.data.close();
  }

  /** Gives the widget what has changed in the state of the page. */
  setProps(change: Partial<FrameProps>): void {
    this.props = { ...this.props, ...change };
    if (this.isStarted) {
      this.send({ type: 'state', state: change });
    }
  }

  send(message: ToFrame): void {
    this.port?.postMessage(message);
  }

  /** Adds a report to the reports on the card. */
  report(kind: FrameReport['kind'], text: string): void {
    const { reports } = this.status;
    const known = reports.findIndex((report) => report.kind === kind && report.text === text);
    if (known >= 0) {
      this.change({ reports: reports.with(known, { kind, text, count: reports[known]!.count + 1 }) });
    } else if (reports.length < mostReports) {
      this.change({ reports: [...reports, { kind, text, count: 1 }] });
    }
  }

  private readonly loaded = (): void => {
    if (this.port !== null) {
      this.stop('navigated', 'The widget has navigated its frame. A widget may not navigate.');
      return;
    }
    // The document of a frame with an opaque origin cannot be seen from here.
    if (this.element.contentDocument !== null) {
      this.stop('not isolated', 'The frame has the origin of the console, so the widget was not started. Check the sandbox of the frame.');
      return;
    }
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    port1.onmessage = ({ data }) => this.receive(data);
    // No address can name an opaque origin. The frame takes the first port from this window, and only its document has run until now.
    this.element.contentWindow?.postMessage('estream-widget', '*', [port2]);
  };

  private readonly ping = (): void => {
    if (document.hidden) {
      // A browser may stop the timers of a hidden page and its frames.
      this.pings = 0;
      return;
    }
    // Counts pings instead of time: a page that was busy or asleep for a minute has sent no pings in that time.
    if (this.pings >= mostPings) {
      this.stop('hung', `The widget has not answered for ${mostPings} seconds.`);
      return;
    }
    this.pings++;
    this.send({ type: 'ping' });
  };

  private receive(data: unknown): void {
    if (this.port === null) {
      return;
    }
    if (!this.isWithinRate(1)) {
      return;
    }
    if (typeof data !== 'string') {
      this.stop('invalid', 'The widget has sent a message that is not a text.');
      return;
    }
    if (data.length > mostMessageChars) {
      this.stop('flooding', `The widget has sent a message of ${data.length} characters. The limit is ${mostMessageChars}.`);
      return;
    }
    let message: FromFrame;
    try {
      message = decodeFromFrame(data);
    } catch {
      this.stop('invalid', 'The widget has sent a message that the console does not know. Build the widget with the SDK of this version.');
      return;
    }
    if (this.isWithinRate((costs[message.type] ?? 1) - 1)) {
      this.handle(message);
    }
  }

  /** Counts a message, and drops the frame if it has sent too many. */
  private isWithinRate(cost: number): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.second) {
      this.second = second;
      this.messagesInSecond = 0;
    }
    this.messagesInSecond += cost;
    if (this.messagesInSecond > mostMessagesPerSecond) {
      this.stop('flooding', `The widget has sent more than ${mostMessagesPerSecond} messages in a second. Settings and storage count ${costs.storage} each.`);
      return false;
    }
    return true;
  }

  private handle(message: FromFrame): void {
    switch (message.type) {
      case 'hello':
        this.greet(message.origin);
        break;
      case 'pong':
        this.pings = 0;
        if (message.heap > mostHeapBytes) {
          this.stop('memory', `The widget uses ${Math.round(message.heap / 1_048_576)} MiB of memory. The limit is ${mostHeapBytes / 1_048_576} MiB.`);
        }
        break;
      case 'ready':
        this.change({ phase: 'running' });
        break;
      case 'error':
        this.report('error', message.text);
        break;
      case 'violation':
        this.report('violation', `${message.directive} ${message.uri}`);
        break;
      case 'open':
        this.services.data.open(message.id, message.source, message.maxPerSecond);
        break;
      case 'close':
        this.services.data.end(message.id);
        break;
      case 'ack':
        this.services.data.acknowledge();
        break;
      case 'config':
        this.services.configChanged(message);
        break;
      case 'storage':
        void this.store(message);
        break;
    }
  }

  private greet(origin: string): void {
    if (origin !== 'null') {
      this.stop('not isolated', `The frame has the origin ${origin}, so the widget was not started. Check the headers of /widgets/frame.`);
    } else if (!this.isIsolated) {
      this.isIsolated = true;
      void this.load();
    }
  }

  private async load(): Promise<void> {
    try {
      const texts = await this.services.load();
      this.isStarted = this.port !== null;
      this.send({ type: 'start', ...this.start, ...texts, state: this.props });
    } catch (error) {
      this.stop('failed', error instanceof Error ? error.message : String(error));
    }
  }

  private async store(message: Extract<FromFrame, { type: 'storage' }>): Promise<void> {
    try {
      const value = await this.services.storage(message);
      this.send({ type: 'stored', id: message.id, value, error: null });
    } catch (error) {
      this.send({ type: 'stored', id: message.id, value: null, error: error instanceof Error ? error.message : String(error) });
    }
  }

  private stop(kind: StopKind, text: string): void {
    if (this.status.stop === null) {
      this.close();
      this.change({ phase: 'stopped', stop: { kind, text } });
    }
  }

  private change(change: Partial<FrameStatus>): void {
    this.status = { ...this.status, ...change };
    this.services.changed(this.status);
  }
}
