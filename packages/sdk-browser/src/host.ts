import type { JsonObject, WidgetIdentity, WidgetTheme, WidgetTimeRange } from "./types.js";

/** What the console can change while a widget runs. */
export interface WidgetState {
  readonly theme: WidgetTheme;
  readonly collapsed: boolean;
  readonly config: Readonly<JsonObject>;
  readonly time: WidgetTimeRange;
}

/** Receives the data of one subscription. */
export interface DataSink {
  /** The host has accepted the subscription: at the beginning, and after a lost connection. A table then sends all its entries. */
  opened(): void;
  /** Lines arrived, oldest first. `dropped` messages since the last call were left out because they exceeded the rate. */
  data(lines: readonly JsonObject[], dropped: number): void;
  /** The subscription has ended. No other call follows. */
  failed(error: Error): void;
}

/** Texts that a widget stores in the browser: at most 1 MB for all placements of the widget together. */
export interface WidgetStorage {
  /** Returns the text of a key; null if the key has no text. */
  get(key: string): Promise<string | null>;
  /** Stores a text. Rejects if the storage of the widget is full. */
  set(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
}

/** What a widget can ask of the console. The console implements it; unit tests use `FakeHost` of "@estream/sdk-browser/testing". */
export interface WidgetHost {
  readonly widget: WidgetIdentity;
  /** The patterns of addresses that the signed manifest declares. */
  readonly streams: readonly string[];
  /** The tables that the signed manifest declares. */
  readonly tables: readonly string[];
  readonly storage: WidgetStorage;
  /** The present state: the same object until it changes. */
  readonly state: () => WidgetState;
  /** Calls the listener after each change of the state, until the returned function is called. */
  readonly onState: (listener: () => void) => () => void;
  readonly setConfig: (config: JsonObject) => void;
  /** Opens a subscription to `lex://…` or `table:NAME`. The returned function ends it. */
  readonly subscribe: (source: string, maxPerSecond: number, sink: DataSink) => () => void;
}
