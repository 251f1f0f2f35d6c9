import { lazy } from 'react';
import type { BuiltinWidget } from '../../types';
import { part, settings } from '../shared/configSchema';

export const circuitGraphWidget: BuiltinWidget = {
  id: 'builtin/circuit-graph',
  title: 'Circuit graph',
  description: 'The inputs, nodes and outputs of a circuit as a drawing, with the messages per second of its inputs and outputs.',
  category: 'observability',
  requiredRoles: ['viewer'],
  minSize: { cols: 3, rows: 3 },
  defaultSize: { cols: 6, rows: 5 },
  maxSize: { cols: 12, rows: 12 },
  configSchema: settings({
    circuit: part('estream-circuit', 'Circuit', 'The circuit to draw. Without a name, the widget shows the first circuit.'),
  }),
  Component: lazy(() => import('./CircuitGraphWidget')),
};
