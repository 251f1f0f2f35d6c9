import { useHost, useHostState } from "./provider.js";
import type { WidgetStorage } from "./host.js";
import type { JsonObject, WidgetTheme } from "./types.js";

/** The settings of this placement of the widget, and a function that replaces them. The dashboard stores them when the user saves it. */
export function useConfig<T extends JsonObject = JsonObject>(): [Readonly<T>, (config: T) => void] {
  const host = useHost();
  return [useHostState().config as Readonly<T>, host.setConfig];
}

/** The theme of the console. The widget renders again when the user changes it. */
export function useTheme(): WidgetTheme {
  return useHostState().theme;
}

/** The storage of the widget in this browser. */
export function useStorage(): WidgetStorage {
  return useHost().storage;
}
