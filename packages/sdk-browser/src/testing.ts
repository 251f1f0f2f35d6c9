import type { DataSink, WidgetHost, WidgetState, WidgetStorage } from "./host.js";
import type { JsonObject, StreamMessage, TableEntry, WidgetIdentity } from "./types.js";

export interface FakeHostOptions {
  readonly widget?: Partial<WidgetIdentity>;
  /** The patterns that the manifest declares. */
  readonly streams?: readonly string[];
  /** The tables that the manifest declares. */
  readonly tables?: readonly string[];
  readonly config?: JsonObject;
  readonly theme?: WidgetState["theme"];
  /** Default: the first hour of 1970, live. */
  readonly time?: WidgetState["time"];
}

/**
 * A host for unit tests of widgets: the test decides which data arrives.
 * Call its methods inside `act`, as every change of what a component shows.
 */
export class FakeHost implements WidgetHost {
  readonly widget: WidgetIdentity;
  readonly streams: readonly string[];
  readonly tables: readonly string[];
  readonly storage: WidgetStorage = memoryStorage();
  readonly #sinks = new Map<string, Set<DataSink>>();
  readonly #listeners = new Set<() => void>();
  #state: WidgetState;

  constructor(options: FakeHostOptions = {}) {
    this.widget = { id: "@test/widget", version: "0.0.1", title: "Test", supportsLightMode: true, customAccent: null, ...options.widget };
    this.streams = options.streams ?? [];
    this.tables = options.tables ?? [];
    this.#state = {
      theme: options.theme ?? { mode: "light", tokens: {} },
      collapsed: false,
      config: options.config ?? {},
      time: options.time ?? { from: 0, to: 3_600_000, isLive: true, isPaused: false },
    };
  }

  /** The patterns and tables (`table:NAME`) that the widget is subscribed to. */
  get subscriptions(): readonly string[] {
    return [...this.#sinks.keys()];
  }

  readonly state = (): WidgetState => this.#state;

  readonly onState = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly setConfig = (config: JsonObject): void => this.setState({ config });

  readonly subscribe = (source: string, _maxPerSecond: number, sink: DataSink): (() => void) => {
    const sinks = this.#sinks.get(source) ?? new Set();
    this.#sinks.set(source, sinks.add(sink));
    sink.opened();
    return () => {
      sinks.delete(sink);
      if (sinks.size === 0) {
        this.#sinks.delete(source);
      }
    };
  };

  /** Changes theme, settings, time range, or whether the widget is collapsed. */
  setState(change: Partial<WidgetState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) {
      listener();
    }
  }

  /** Delivers messages, of which only the fields are given, to the subscriptions of a pattern. */
  push(pattern: string, messages: readonly Partial<StreamMessage>[], dropped = 0): void {
    const lines = messages.map((message, index) => ({ queue: "test", position: index, sequence: index, time: 0, schema: "", message: null, ...message }));
    this.#deliver(pattern, lines, dropped);
  }

  /** Delivers entries to the subscriptions of a table. Without an entry, the table is empty. */
  put(table: string, ...entries: readonly (Partial<TableEntry> & { key: string })[]): void {
    this.#deliver(`table:${table}`, entries.map((entry) => ({ version: 1, time: 0, ...entry })), 0);
  }

  /** Removes an entry of a table. */
  remove(table: string, key: string): void {
    this.#deliver(`table:${table}`, [{ key, removed: true }], 0);
  }

  /** Begins the subscriptions of a pattern or of `table:NAME` again, as after a lost connection. A table has no entries then. */
  reopen(source: string): void {
    for (const sink of this.#sinks.get(source) ?? []) {
      sink.opened();
    }
  }

  /** Ends the subscriptions of a pattern or of `table:NAME`, as a host that refuses them. */
  fail(source: string, error: Error): void {
    for (const sink of this.#sinks.get(source) ?? []) {
      sink.failed(error);
    }
  }

  #deliver(source: string, lines: readonly JsonObject[], dropped: number): void {
    for (const sink of this.#sinks.get(source) ?? []) {
      sink.data(lines, dropped);
    }
  }
}

function memoryStorage(): WidgetStorage {
  const texts = new Map<string, string>();
  return {
    get: async (key) => texts.get(key) ?? null,
    set: async (key, value) => void texts.set(key, value),
    remove: async (key) => void texts.delete(key),
  };
}
