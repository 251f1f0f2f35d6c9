import type { InstalledTheme, InstalledWidget, Tier, WidgetCatalogue, WidgetCategory, WidgetSize } from '../types';
import { getJson } from '../../api/http';
import type { JsonValue } from '../../api/json';
import { Reader } from '../../api/reader';

const categories: readonly WidgetCategory[] = ['infrastructure', 'observability', 'governance', 'developer', 'economics', 'registry'];
const tiers: readonly Tier[] = ['core', 'verified', 'community', 'experimental'];

/** The widgets and themes of the workspace of the host, and those that the host refuses. */
export async function fetchWidgets(signal?: AbortSignal): Promise<WidgetCatalogue> {
  return decodeWidgets(await getJson('/api/widgets', signal));
}

/**
 * The URL of a file of a widget, such as its icon. The name of a component is `@SCOPE/NAME`. Browsers keep the answer to a URL forever, so
 * the root is part of the URL: a version of another registry or of a developer can be another content.
 */
export function fileHref({ id, version, root256 }: Pick<InstalledWidget, 'id' | 'version' | 'root256'>, path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return `/api/widgets/${id}/${encodeURIComponent(version)}/files/${encoded}?${root256}`;
}

export function decodeWidgets(json: JsonValue): WidgetCatalogue {
  const root = Reader.of(json, 'the widgets');
  return {
    widgets: root.list('widgets', decodeWidget),
    themes: root.list('themes', decodeTheme),
    refused: root.list('refused', (one) => ({
      name: one.text('name'),
      version: one.text('version'),
      root256: one.text('root256'),
      reason: one.text('reason'),
    })),
  };
}

function decodeWidget(one: Reader): InstalledWidget {
  const tier = one.optionalText('tier', null);
  return {
    id: one.text('id'),
    title: one.text('title'),
    description: one.text('description'),
    category: one.oneOf('category', categories, 'developer'),
    requiredRoles: one.texts('requiredRoles'),
    minSize: decodeSize(one.object('minSize')),
    defaultSize: decodeSize(one.object('defaultSize')),
    maxSize: decodeSize(one.object('maxSize')),
    configSchema: one.has('configSchema') ? one.object('configSchema').members : null,
    version: one.text('version'),
    tier: tiers.find((known) => known === tier) ?? null,
    keyId: one.text('keyId'),
    source: one.text('source'),
    root256: one.text('root256'),
    stamp: one.text('stamp'),
    permissions: one.texts('permissions'),
    streams: one.texts('streams'),
    tables: one.texts('tables'),
    supportsLightMode: one.flag('supportsLightMode'),
    customAccent: one.optionalText('customAccent', null),
    entry: one.text('entry'),
    sha256: one.text('sha256'),
    bytes: one.count('bytes'),
    icon: one.optionalText('icon', null),
    thumbnail: one.optionalText('thumbnail', null),
    screenshots: one.texts('screenshots'),
    circuits: one.texts('circuits'),
  };
}

function decodeSize(size: Reader): WidgetSize {
  return { cols: size.count('cols'), rows: size.count('rows') };
}

function decodeTheme(theme: Reader): InstalledTheme {
  const tokens = theme.object('tokens');
  return {
    name: theme.text('name'),
    version: theme.text('version'),
    title: theme.text('title'),
    modes: theme.texts('modes').filter((mode) => mode === 'light' || mode === 'dark'),
    tokens: Object.fromEntries(Object.keys(tokens.members).map((name) => [name, tokens.text(name)])),
  };
}
