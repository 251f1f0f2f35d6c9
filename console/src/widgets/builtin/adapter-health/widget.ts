import { lazy } from 'react';
import type { BuiltinWidget } from '../../types';
import { choice, parts, settings } from '../shared/configSchema';
import { filters, mostAdapters } from './adapterHealth';

export const adapterHealthWidget: BuiltinWidget = {
  id: 'builtin/adapter-health',
  title: 'Adapter health',
  description: 'The state, connections and last error of the adapters, those with trouble first.',
  category: 'infrastructure',
  requiredRoles: ['viewer'],
  minSize: { cols: 3, rows: 2 },
  defaultSize: { cols: 6, rows: 4 },
  maxSize: { cols: 12, rows: 12 },
  configSchema: settings({
    adapters: parts('estream-adapter', 'Adapters', 'The adapters to show. Without a name, the widget shows all.', mostAdapters),
    filter: choice('Rows', 'All adapters, or those that do not work.', filters),
  }),
  Component: lazy(() => import('./AdapterHealthWidget')),
};
