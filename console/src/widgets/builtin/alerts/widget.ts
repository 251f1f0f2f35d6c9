import { lazy } from 'react';
import type { BuiltinWidget } from '../../types';
import { choice, settings } from '../shared/configSchema';
import { ruleFilters, severities } from './alertRows';

export const alertsWidget: BuiltinWidget = {
  id: 'builtin/alerts',
  title: 'Alerts',
  description: 'The alert rules, those that fire first, with their value and since when they fire.',
  category: 'observability',
  requiredRoles: ['viewer'],
  minSize: { cols: 3, rows: 2 },
  defaultSize: { cols: 6, rows: 3 },
  maxSize: { cols: 12, rows: 12 },
  configSchema: settings({
    rules: choice('Rules', 'All rules, or those that fire or are about to fire.', ruleFilters),
    severity: choice('Lowest severity', 'Rules of a lower severity are not shown.', severities),
  }),
  Component: lazy(() => import('./AlertsWidget')),
};
