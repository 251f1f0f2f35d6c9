import { findJson, getJson } from './http';
import type { JsonValue } from './json';
import { Reader } from './reader';

/** A component of the marketplace that is installed in the workspace of the host. */
export interface InstalledComponent {
  name: string;
  version: string;
  /** `app`, `wire-adapter`, `smart-circuit`, `esf-schema`, `console-widget` or another kind of the manifest. */
  kind: string;
  /** The SHA-256 of its content, in hexadecimal. */
  root256: string;
  permissions: string[];
  /** The parts of the host that use it. */
  usedBy: string[];
  /** The trust tier that the registry gives it; empty if the lock does not record it. */
  tier: string;
}

/** The component that an adapter runs. */
export interface AdapterComponent {
  component: string;
  version: string;
  permissions: string[];
}

/** The component of an adapter; null for a built-in adapter. */
export async function fetchAdapterComponent(adapter: string, signal?: AbortSignal): Promise<AdapterComponent | null> {
  const json = await findJson(`/api/adapters/${encodeURIComponent(adapter)}/component`, signal);
  return json === null ? null : decodeAdapterComponent(json);
}

export function decodeAdapterComponent(json: JsonValue): AdapterComponent {
  const root = Reader.of(json, 'component');
  return { component: root.text('component'), version: root.text('version'), permissions: root.optionalTexts('permissions') };
}

export async function fetchComponents(signal?: AbortSignal): Promise<InstalledComponent[]> {
  return decodeComponents(await getJson('/api/components', signal));
}

export function decodeComponents(json: JsonValue): InstalledComponent[] {
  return Reader.listOf(json, 'components', (one) => ({
    name: one.text('name'),
    version: one.text('version'),
    kind: one.text('kind'),
    root256: one.text('root256'),
    permissions: one.optionalTexts('permissions'),
    usedBy: one.optionalTexts('usedBy'),
    tier: one.optionalText('tier'),
  }));
}
