import { lazy } from 'react';
import type { BuiltinWidget } from '../../types';
import { choice, settings } from '../shared/configSchema';
import { kinds } from './copies';

export const replicationWidget: BuiltinWidget = {
  id: 'builtin/replication',
  title: 'Replication',
  description: 'The queues and maps that are copied to or from other hosts: role, state and lag, those with trouble first.',
  category: 'infrastructure',
  requiredRoles: ['viewer'],
  minSize: { cols: 3, rows: 2 },
  defaultSize: { cols: 6, rows: 4 },
  maxSize: { cols: 12, rows: 12 },
  configSchema: settings({
    through: choice('Copies', 'All copies, or those of one kind.', kinds),
  }),
  Component: lazy(() => import('./ReplicationWidget')),
};
