import { lazy } from 'react';
import type { BuiltinWidget } from '../../types';
import { part, settings, text, whole } from '../shared/configSchema';
import { rowBounds } from './queueTail';

export const queueTailWidget: BuiltinWidget = {
  id: 'builtin/queue-tail',
  title: 'Newest messages',
  description: 'The newest messages of a queue with their fields as columns, filtered by an expression.',
  category: 'developer',
  requiredRoles: ['viewer'],
  minSize: { cols: 3, rows: 2 },
  defaultSize: { cols: 6, rows: 4 },
  maxSize: { cols: 12, rows: 12 },
  configSchema: settings({
    queue: part('estream-queue', 'Queue', 'The queue to show. Without a name, the widget shows the busiest queue.'),
    filter: text('Filter', 'An expression over the fields of the schema, such as value > 70.', '', 1024),
    schema: text('Schema', 'Shows only messages of this schema. A filter of a queue with several schemas needs it.'),
    fields: text('Columns', 'The fields to show, separated by commas. Without a name, the widget shows the first fields of the schema.', '', 1024),
    rows: whole('Messages', 'How many messages the list keeps.', rowBounds),
  }),
  Component: lazy(() => import('./QueueTailWidget')),
};
