export { entryId, useSubscription, useTable, type Subscription, type SubscriptionOptions, type Table } from "./data.js";
export { isDeclared, WidgetSecurityError } from "./declared.js";
export { useConfig, useStorage, useTheme, useTimeRange } from "./hooks.js";
export type { DataSink, WidgetHost, WidgetState, WidgetStorage } from "./host.js";
export { WidgetProvider, WidgetRoot } from "./provider.js";
export type { JsonObject, JsonValue, StreamMessage, TableEntry, WidgetIdentity, WidgetProps, WidgetTheme, WidgetTimeRange } from "./types.js";
