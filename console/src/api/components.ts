import { getJson } from './http';
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
  }));
}
