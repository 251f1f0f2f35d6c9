import { lazy } from 'react';
import type { BuiltinWidget } from '../../types';
import { settings, text } from '../shared/configSchema';

export const fpgaCardWidget: BuiltinWidget = {
  id: 'builtin/fpga-card',
  title: 'FPGA card',
  description: 'The state, engines and counters of an FPGA card. A simulated card is marked.',
  category: 'infrastructure',
  requiredRoles: ['viewer'],
  minSize: { cols: 2, rows: 3 },
  defaultSize: { cols: 4, rows: 4 },
  maxSize: { cols: 12, rows: 12 },
  configSchema: settings({
    card: text('Card', 'The address of a card, such as sim:. Without an address, the widget shows the first card.'),
  }),
  Component: lazy(() => import('./FpgaCardWidget')),
};
