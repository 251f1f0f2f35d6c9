import { lazy } from 'react';
import type { BuiltinWidget } from '../../types';
import { part, settings, text, whole } from '../shared/configSchema';
import { rowBounds } from './mapBrowser';

export const mapBrowserWidget: BuiltinWidget = {
  id: 'builtin/map-browser',
  title: 'Map entries',
  description: 'The entries of a map whose key begins with a prefix, with their present values.',
  category: 'developer',
  requiredRoles: ['viewer'],
  minSize: { cols: 3, rows: 2 },
  defaultSize: { cols: 6, rows: 4 },
  maxSize: { cols: 12, rows: 12 },
  configSchema: settings({
    map: part('estream-map', 'Map', 'The map to show. Without a name, the widget shows the first map with entries.'),
    prefix: text('Prefix', 'The keys that the widget shows at first begin with this text.', '', 1024),
    rows: whole('Entries', 'How many entries are shown.', rowBounds),
  }),
  Component: lazy(() => import('./MapBrowserWidget')),
};
