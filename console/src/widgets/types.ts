import type { ComponentType, LazyExoticComponent } from 'react';
import type { JsonObject } from '../api/json';

/** The groups of the widget picker, as `widget_category` of a manifest names them. */
export type WidgetCategory = 'infrastructure' | 'observability' | 'governance' | 'developer' | 'economics' | 'registry';

/** A size on the grid of a dashboard, which has 12 columns. */
export interface WidgetSize {
  cols: number;
  rows: number;
}

/** A widget as the picker shows it. */
export interface WidgetInfo {
  /** `builtin/NAME`, or the name of an installed component, such as `@acme/doors`. */
  id: string;
  title: string;
  description: string;
  category: WidgetCategory;
  /** A user needs at least one of these roles; each role includes those below it. */
  requiredRoles: readonly string[];
  minSize: WidgetSize;
  defaultSize: WidgetSize;
  maxSize: WidgetSize;
  /** The settings of the widget as a JSON Schema of type object; null if it has none. */
  configSchema: JsonObject | null;
}

/** The time range of a dashboard; both ends are milliseconds since 1970. A live range ends now and moves with the time. */
export interface DashboardTime {
  from: number;
  to: number;
  isLive: boolean;
  /** Whether the dashboard is paused: widgets keep what they show. */
  isPaused: boolean;
}

/** What a built-in widget gets. */
export interface BuiltinProps {
  /** The settings, with the defaults of `configSchema` filled in. */
  config: JsonObject;
  time: DashboardTime;
}

/** A widget that is part of the console. Its code is loaded when a dashboard shows the widget. */
export interface BuiltinWidget extends WidgetInfo {
  Component: LazyExoticComponent<ComponentType<BuiltinProps>>;
}

export type Tier = 'core' | 'verified' | 'community' | 'experimental';

/** A widget of a component that is installed in the workspace of the host. It runs in a frame of its own. */
export interface InstalledWidget extends WidgetInfo {
  version: string;
  /** The tier that the policy of the registry gives the component; null if the lock does not have one. */
  tier: Tier | null;
  /** The ids of the keys that signed the release. */
  keyId: string;
  /** The name of the registry that the component comes from. */
  source: string;
  root256: string;
  /** Changes with everything in the lock that the component is permitted by, such as root, tier and permissions. The host then ends its streams. */
  stamp: string;
  permissions: readonly string[];
  /** The declared patterns of addresses, such as `lex://acme/doors/{door}/moves`. */
  streams: readonly string[];
  tables: readonly string[];
  supportsLightMode: boolean;
  customAccent: string | null;
  /** The path of the bundle in the package. */
  entry: string;
  /** The SHA-256 of the bundle, as hexadecimal digits. */
  sha256: string;
  /** The length of the bundle. */
  bytes: number;
  icon: string | null;
  thumbnail: string | null;
  screenshots: readonly string[];
  /** The circuits that the widget depends on, which the configuration must run. */
  circuits: readonly string[];
}

/** A component that the host refuses to serve, and why. */
export interface RefusedComponent {
  name: string;
  version: string;
  root256: string;
  reason: string;
}

/** The colors that a theme component sets, by name of the token, such as `--accent`. */
export interface InstalledTheme {
  name: string;
  version: string;
  title: string;
  modes: readonly ('light' | 'dark')[];
  tokens: Readonly<Record<string, string>>;
}

/** The answer of `GET /api/widgets`. */
export interface WidgetCatalogue {
  widgets: readonly InstalledWidget[];
  themes: readonly InstalledTheme[];
  refused: readonly RefusedComponent[];
}

/** A widget on a dashboard. */
export interface PlacedWidget {
  /** Unique on the dashboard. */
  id: string;
  /** The id of the widget, such as `builtin/rates` or `@acme/doors`. */
  widget: string;
  x: number;
  y: number;
  cols: number;
  rows: number;
  /** The title on the dashboard; null for the title of the widget. */
  title: string | null;
  config: JsonObject;
}

/** A dashboard, as the host and the browser store it. */
export interface Dashboard {
  format: 1;
  title: string;
  widgets: readonly PlacedWidget[];
}
