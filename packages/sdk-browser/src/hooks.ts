import { useHost, useHostState } from "./provider.js";
import type { WidgetStorage } from "./host.js";
import type { JsonObject, WidgetTheme, WidgetTimeRange } from "./types.js";

/** The settings of this placement of the widget, and a function that replaces them. The dashboard stores them when the user saves it. */
export function useConfig<T extends JsonObject = JsonObject>(): [Readonly<T>, (config: T) => void] {
  const host = useHost();
  return [useHostState().config as Readonly<T>, host.setConfig];
}

/** The theme of the console. The widget renders again when the user changes it. */
export function useTheme(): WidgetTheme {
  return useHostState().theme;
}

/**
 * The time range of the dashboard, and whether it is paused. The data of widgets is live, so a widget decides what the range means for it,
 * such as which of its entries it shows.
 */
export function useTimeRange(): WidgetTimeRange {
  return useHostState().time;
}

/** The storage of the widget in this browser. */
export function useStorage(): WidgetStorage {
  return useHost().storage;
}
