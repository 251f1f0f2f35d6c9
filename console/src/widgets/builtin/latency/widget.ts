import { lazy } from 'react';
import type { BuiltinWidget } from '../../types';
import { choice, part, settings } from '../shared/configSchema';
import { views } from './latency';

export const latencyWidget: BuiltinWidget = {
  id: 'builtin/latency',
  title: 'Latency',
  description: 'The time that an adapter needs to store a message: median and 99th percentile over the time range, as lines or as a distribution.',
  category: 'observability',
  requiredRoles: ['viewer'],
  minSize: { cols: 3, rows: 3 },
  defaultSize: { cols: 6, rows: 4 },
  maxSize: { cols: 12, rows: 12 },
  configSchema: settings({
    adapter: part('estream-adapter', 'Adapter', 'The adapter to measure. Without a name: the adapter with the most messages.'),
    view: choice('View', 'Lines over time, or how often each latency occurred.', views),
  }),
  Component: lazy(() => import('./LatencyWidget')),
};
