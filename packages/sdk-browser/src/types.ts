/** A JSON value. An integer beyond 2^53, such as a position or a time in nanoseconds, is a bigint, so that no digit is lost. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}

/** The theme of the console. */
export interface WidgetTheme {
  readonly mode: "light" | "dark";
  /** The colors by name of the token, such as `--accent`. The document of the widget has them as CSS variables too. */
  readonly tokens: Readonly<Record<string, string>>;
}

/** The widget, as its signed manifest names it. */
export interface WidgetIdentity {
  /** The name of the component, such as `@acme/doors`. */
  readonly id: string;
  readonly version: string;
  readonly title: string;
  /** Whether the manifest says `supports_light_mode`. The theme of other widgets is always dark. */
  readonly supportsLightMode: boolean;
  /** The color that the manifest names as `custom_accent`, such as `#22C55E`; null if it names none. */
  readonly customAccent: string | null;
}

/** The time range of the dashboard. Both ends are milliseconds since 1970. */
export interface WidgetTimeRange {
  readonly from: number;
  readonly to: number;
  /** Whether the range ends now and moves with the time. */
  readonly isLive: boolean;
  /** Whether the user has paused the dashboard. The console then holds the data of all widgets back. */
  readonly isPaused: boolean;
}

/** The props of the default export of a bundle. */
export interface WidgetProps {
  readonly widget: WidgetIdentity;
  readonly theme: WidgetTheme;
  /** Whether the user has collapsed the widget to a strip below its bar. */
  readonly collapsed: boolean;
  /** The settings of this placement of the widget, with the defaults of `config_schema` filled in. */
  readonly config: Readonly<JsonObject>;
}

/** A message of a stream. */
export interface StreamMessage {
  readonly queue: string;
  readonly position: number | bigint;
  readonly sequence: number | bigint;
  /** Nanoseconds since 1970. */
  readonly time: number | bigint;
  /** The name of the schema; empty if the message has none. */
  readonly schema: string;
  /** The fields of the message. The host withholds private values. */
  readonly message: JsonValue;
  /** The address of the message, for example `lex://acme/doors/front/moves`. */
  readonly address?: string;
}

/** An entry of a table. */
export interface TableEntry {
  /** The key as text. Keys that are not text may look equal: {@link entryId} tells them apart. */
  readonly key: string;
  /** The key in hexadecimal digits, for a key that is not text. */
  readonly keyBytes?: string;
  readonly version: number | bigint;
  /** Nanoseconds since 1970. */
  readonly time: number | bigint;
  readonly schema?: string;
  /** The fields of the value, for a value with a schema. */
  readonly message?: JsonValue;
  /** The value, for a text. */
  readonly text?: string;
  /** The value in hexadecimal digits, for all other values. */
  readonly bytes?: string;
}
