import { sha256 } from '../../../src/esf/sha256.ts';
import { digits } from '../noise.ts';

/** A file of the simulated host that is not JSON. */
export interface MockFile {
  headers: Record<string, string>;
  body: string;
}

/** A well-behaved widget: it counts the moves of doors. */
const doors = `
import { jsx, jsxs } from 'react/jsx-runtime';
import { useConfig, useStorage, useSubscription, useTable, useTheme } from '@estream/sdk-browser';
import { useEffect, useState } from 'react';

export default function Doors({ widget, config }) {
  const { messages, dropped, error, isLive } = useSubscription('lex://acme/doors/{door}/moves', { keep: 12, maxPerSecond: 1000 });
  const { entries } = useTable('door_state');
  const { mode, tokens } = useTheme();
  const [, setConfig] = useConfig();
  const storage = useStorage();
  const [visits, setVisits] = useState(0);
  useEffect(() => {
    void storage.get('visits').then((text) => {
      setVisits(Number(text ?? 0) + 1);
      return storage.set('visits', String(Number(text ?? 0) + 1));
    });
  }, []);
  return jsxs('div', { style: { padding: 12 }, children: [
    jsxs('p', { id: 'state', children: [error ? error.message : isLive ? 'Live' : 'Waiting', ', visit ', visits, ', ', mode, ', dropped ', dropped] }),
    jsx('button', { onClick: () => setConfig({ ...config, unit: config.unit === 'C' ? 'F' : 'C' }), children: 'Unit ' + config.unit }),
    jsxs('p', { style: { color: tokens['--accent'] }, children: [entries.length, ' doors'] }),
    jsx('ul', { children: messages.map((message) => jsx('li', { children: JSON.stringify(message.message) }, String(message.sequence))) }),
  ] });
}
`;

/** A widget that misbehaves on request, to show the reaction of the console. */
const trouble = `
import { jsx } from 'react/jsx-runtime';
import { useConfig, useSubscription } from '@estream/sdk-browser';
import { useState } from 'react';

const deeds = {
  loop: () => { for (;;); },
  flood: (set) => { for (let i = 0; i < 1000; i++) set({ i }); },
  throw: () => { throw new Error('Thrown on request'); },
  leak: () => { const kept = (globalThis.kept = []); setInterval(() => { for (let i = 0; i < 400000; i++) kept.push({ i }); }, 100); },
  navigate: () => { location.href = 'https://example.com/?secret=1'; },
  leave: () => { location.href = '/widgets/frame?secret=1'; },
  image: () => { new Image().src = 'https://example.com/?secret=1'; },
  undeclared: null,
};

function Undeclared() {
  useSubscription('lex://acme/payments/{id}/secrets');
  return null;
}

export default function Trouble() {
  const [isUndeclared, setUndeclared] = useState(false);
  const [, setConfig] = useConfig();
  if (isUndeclared) {
    return jsx(Undeclared, {});
  }
  return Object.keys(deeds).map((name) => jsx('button', { onClick: () => (name === 'undeclared' ? setUndeclared(true) : deeds[name](setConfig)), children: name }, name));
}
`;

const bundles: Record<string, string> = { '@acme/doors': doors, '@acme/trouble': trouble };

/** The answer to /api/widgets. */
export function widgets(): unknown {
  const one = (id: string, title: string, tier: string | null, more: object): unknown => {
    const bundle = new TextEncoder().encode(bundles[id]!);
    return {
      id,
      title,
      description: `An example of a widget: ${title.toLowerCase()}`,
      category: 'observability',
      requiredRoles: ['viewer'],
      minSize: { cols: 2, rows: 2 },
      defaultSize: { cols: 4, rows: 3 },
      maxSize: { cols: 12, rows: 8 },
      configSchema: null,
      version: '0.1.0',
      tier,
      keyId: digits(`key ${id}`, 64),
      source: 'acme',
      root256: digits(id, 64),
      stamp: digits(`stamp ${id}`, 16),
      permissions: [],
      streams: [],
      tables: [],
      supportsLightMode: true,
      customAccent: null,
      entry: 'dist/index.js',
      sha256: [...sha256(bundle)].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
      bytes: bundle.length,
      icon: null,
      thumbnail: null,
      screenshots: [],
      circuits: [],
      ...more,
    };
  };
  return {
    widgets: [
      one('@acme/doors', 'Doors', 'verified', {
        permissions: ['data:read.doors', 'data:read.door'],
        streams: ['lex://acme/doors/{door}/moves'],
        tables: ['door_state'],
        circuits: ['@acme/doors-count'],
        configSchema: { type: 'object', properties: { unit: { type: 'string', enum: ['C', 'F'], default: 'C' } } },
      }),
      one('@acme/trouble', 'Trouble', 'community', {}),
    ],
    themes: [
      { name: '@acme/night', version: '0.2.1', title: 'Night', modes: ['dark'], tokens: { '--ground': '#000000', '--raised': '#0b0b0b', '--accent': '#ffd166', '--accent-ground': '#2b2413' } },
      {
        name: '@acme/harbour',
        version: '1.0.0',
        title: 'Harbour',
        modes: ['light', 'dark'],
        tokens: {
          '--ground': 'light-dark(#f3f7fa, #0c1217)',
          '--raised': 'light-dark(#ffffff, #141c23)',
          '--hover': 'light-dark(#e4edf3, #1b252e)',
          '--accent': 'light-dark(#00567a, #6fcdf5)',
          '--accent-ground': 'light-dark(#d8ebf4, #12303f)',
        },
      },
    ],
    refused: [
      { name: '@acme/carbon-impact', version: '0.9.0', root256: digits('carbon', 64), reason: `The release with the root ${digits('carbon', 64)} is revoked.` },
    ],
  };
}

/** A file of a widget; undefined if the path has no file. */
export function widgetFile(pathname: string): MockFile | undefined {
  const [, scope, name] = /^\/api\/widgets\/([^/]+)\/([^/]+)\/[^/]+\/files\/dist\/index\.js$/.exec(pathname) ?? [];
  const bundle = bundles[`${scope}/${name}`];
  return bundle === undefined ? undefined : { headers: { 'content-type': 'text/javascript', 'cache-control': 'private, max-age=31536000, immutable' }, body: bundle };
}
