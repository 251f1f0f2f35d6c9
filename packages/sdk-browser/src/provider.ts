import { createContext, createElement, useContext, useMemo, useSyncExternalStore, type ComponentType, type ReactElement, type ReactNode } from "react";
import type { WidgetHost, WidgetState } from "./host.js";
import type { WidgetProps } from "./types.js";

const HostContext = createContext<WidgetHost | null>(null);

/** Gives the hooks of the SDK their host. The console renders it around every widget; unit tests render it with a `FakeHost`. */
export function WidgetProvider({ host, children }: { host: WidgetHost; children?: ReactNode }): ReactElement {
  return createElement(HostContext.Provider, { value: host }, children);
}

/** Renders a widget with its provider and its props, as the console does. */
export function WidgetRoot({ host, component }: { host: WidgetHost; component: ComponentType<WidgetProps> }): ReactElement {
  const { theme, collapsed, config } = useSyncExternalStore(host.onState, host.state);
  // The time of a live range moves every few seconds, which concerns widgets that use it only.
  const widget = useMemo(() => createElement(component, { widget: host.widget, theme, collapsed, config }), [component, host, theme, collapsed, config]);
  return createElement(WidgetProvider, { host }, widget);
}

export function useHost(): WidgetHost {
  const host = useContext(HostContext);
  if (host === null) {
    throw new Error("The hooks of @estream/sdk-browser work only inside a WidgetProvider. In a unit test, render a WidgetRoot with a FakeHost.");
  }

  return host;
}

export function useHostState(): WidgetState {
  const host = useHost();
  return useSyncExternalStore(host.onState, host.state);
}
