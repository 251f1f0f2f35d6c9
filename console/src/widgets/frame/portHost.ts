import { WidgetSecurityError, type DataSink, type WidgetHost, type WidgetState, type WidgetStorage } from '@estream/sdk-browser';
import { parseJson, type JsonObject } from '../../api/json';
import { encodeFromFrame, type FrameStart, type FromFrame, type ToFrame } from './protocol';

interface Waiting {
  resolve: (value: string | null) => void;
  reject: (error: Error) => void;
}

/** The host of the SDK inside a frame: each call becomes a message to the page. */
export class PortHost implements WidgetHost {
  readonly widget: WidgetHost['widget'];
  readonly streams: readonly string[];
  readonly tables: readonly string[];
  readonly storage: WidgetStorage;
  private readonly post: (text: string) => void;
  private readonly sinks = new Map<number, DataSink>();
  private readonly waiting = new Map<number, Waiting>();
  private readonly listeners = new Set<() => void>();
  private present: WidgetState;
  private nextId = 1;

  constructor({ widget, streams, tables, state }: FrameStart, post: (text: string) => void) {
    this.widget = widget;
    this.streams = streams;
    this.tables = tables;
    this.present = state;
    this.post = post;
    this.storage = {
      get: (key) => this.askStorage('get', key),
      set: async (key, value) => void (await this.askStorage('set', key, value)),
      remove: async (key) => void (await this.askStorage('remove', key)),
    };
  }

  readonly state = (): WidgetState => this.present;

  readonly onState = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly setConfig = (config: JsonObject): void => {
    this.send({ type: 'config', config });
    this.change({ ...this.present, config });
  };

  readonly subscribe = (source: string, maxPerSecond: number, sink: DataSink): (() => void) => {
    const id = this.nextId++;
    this.sinks.set(id, sink);
    this.send({ type: 'open', id, source, maxPerSecond });
    return () => {
      if (this.sinks.delete(id)) {
        this.send({ type: 'close', id });
      }
    };
  };

  /** Takes a message of the page. */
  receive(message: ToFrame): void {
    switch (message.type) {
      case 'state':
        this.change({ ...this.present, ...message.state });
        break;
      case 'opened':
        this.sinks.get(message.id)?.opened();
        break;
      case 'failed': {
        const sink = this.sinks.get(message.id);
        this.sinks.delete(message.id);
        sink?.failed(message.isSecurity ? new WidgetSecurityError(message.text) : new Error(message.text));
        break;
      }
      case 'batch':
        for (const { id, lines, dropped } of message.items) {
          this.sinks.get(id)?.data(lines.map((line) => parseJson(line) as JsonObject), dropped);
        }
        // Sent after the next frame is drawn, so that a widget that draws slowly gets fewer batches instead of a growing queue.
        requestAnimationFrame(() => this.send({ type: 'ack' }));
        break;
      case 'stored': {
        const waiting = this.waiting.get(message.id);
        this.waiting.delete(message.id);
        if (message.error === null) {
          waiting?.resolve(message.value);
        } else {
          waiting?.reject(new Error(message.error));
        }
        break;
      }
    }
  }

  private askStorage(op: 'get' | 'set' | 'remove', key: string, value = ''): Promise<string | null> {
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      this.waiting.set(id, { resolve, reject });
      this.send({ type: 'storage', id, op, key, value });
    });
  }

  private change(next: WidgetState): void {
    this.present = next;
    for (const listener of this.listeners) {
      listener();
    }
  }

  private send(message: FromFrame): void {
    this.post(encodeFromFrame(message));
  }
}
