import { lazy } from 'react';
import type { BuiltinWidget } from '../../types';
import { choice, parts, settings, whole } from '../shared/configSchema';
import { mostLines, sources, spans } from './rates';

export const ratesWidget: BuiltinWidget = {
  id: 'builtin/rates',
  title: 'Message rates',
  description: 'Messages per second of queues or adapters, as lines over the time range of the dashboard or over the last minute.',
  category: 'observability',
  requiredRoles: ['viewer'],
  minSize: { cols: 3, rows: 3 },
  defaultSize: { cols: 6, rows: 4 },
  maxSize: { cols: 12, rows: 12 },
  configSchema: settings({
    show: choice('Show', 'Whether the lines are queues or adapters.', sources),
    queues: parts('estream-queue', 'Queues', 'The queues to show. Without a name, the widget shows the busiest queues.', mostLines),
    adapters: parts('estream-adapter', 'Adapters', 'The adapters to show. Without a name, the widget shows those with the most messages.', mostLines),
    lines: whole('Number of lines', 'How many of the busiest queues or adapters are shown if no name is set.', [1, mostLines, mostLines]),
    span: choice('Span', 'The recorded history of the dashboard, or the last 60 seconds of queues twice a second.', spans),
  }),
  Component: lazy(() => import('./RatesWidget')),
};
