import { lazy } from 'react';
import type { BuiltinWidget } from '../../types';
import { part, settings, whole } from '../shared/configSchema';
import { mostBounds } from './topology';

export const topologyWidget: BuiltinWidget = {
  id: 'builtin/topology',
  title: 'Topology',
  description: 'How messages go from adapters through queues, pipelines and circuits to queues and maps, with messages per second.',
  category: 'observability',
  requiredRoles: ['viewer'],
  minSize: { cols: 4, rows: 3 },
  defaultSize: { cols: 12, rows: 6 },
  maxSize: { cols: 12, rows: 12 },
  configSchema: settings({
    queue: part('estream-queue', 'Queue', 'Shows only what is connected with this queue. Without a name, the widget shows the busiest parts.'),
    most: whole('Parts per column', 'How many adapters, queues and processors are drawn at most.', mostBounds),
  }),
  Component: lazy(() => import('./TopologyWidget')),
};
