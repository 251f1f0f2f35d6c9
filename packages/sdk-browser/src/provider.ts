import { createContext, createElement, useContext, useSyncExternalStore, type ComponentType, type ReactElement, type ReactNode } from "react";
import type { WidgetHost, WidgetState } from "./host.js";
import type { WidgetProps } from "./types.js";

const HostContext = createContext<WidgetHost | null>(null);

/** Gives the hooks of the SDK their host. The console renders it around every widget; unit tests render it with a `FakeHost`. */
export function WidgetProvider({ host, children }: { host: WidgetHost; children?: ReactNode }): ReactElement {
  return createElement(HostContext.Provider, { value: host }, children);
}

/** Renders a widget with its provider and its props, as the console does. */
export function WidgetRoot({ host, component }: { host: WidgetHost; component: ComponentType<WidgetProps> }): ReactElement {
  const state = useSyncExternalStore(host.onState, host.state);
  return createElement(WidgetProvider, { host }, createElement(component, { widget: host.widget, ...state }));
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
