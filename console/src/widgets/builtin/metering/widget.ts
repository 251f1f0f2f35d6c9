import { lazy } from 'react';
import type { BuiltinWidget } from '../../types';
import { choice, settings, text } from '../shared/configSchema';
import { groupings, resources } from './usageRows';

export const meteringWidget: BuiltinWidget = {
  id: 'builtin/metering',
  title: 'Metering',
  description: 'What the circuits of each tenant used: processor time, memory, storage, and proofs.',
  category: 'economics',
  requiredRoles: ['viewer'],
  minSize: { cols: 3, rows: 2 },
  defaultSize: { cols: 6, rows: 4 },
  maxSize: { cols: 12, rows: 12 },
  configSchema: settings({
    rows: choice('Rows', 'One row for each tenant or for each circuit.', groupings),
    tenant: text('Tenant', 'Shows only the circuits of this tenant. Without a name, the widget shows all.'),
    order: choice('Order', 'The resource whose largest user comes first. Its column has bars.', resources),
  }),
  Component: lazy(() => import('./MeteringWidget')),
};
