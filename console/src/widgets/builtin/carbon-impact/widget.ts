import { lazy } from 'react';
import type { BuiltinWidget } from '../../types';
import { decimal, settings } from '../shared/configSchema';
import { gramBounds, overheadBounds, wattBounds } from './carbon';

export const carbonImpactWidget: BuiltinWidget = {
  id: 'builtin/carbon-impact',
  title: 'Carbon impact',
  description: 'An estimate of the energy and emissions of this host from its processor time, with the power of a core and the grid that you set.',
  category: 'economics',
  requiredRoles: ['viewer'],
  minSize: { cols: 2, rows: 3 },
  defaultSize: { cols: 4, rows: 4 },
  maxSize: { cols: 12, rows: 12 },
  configSchema: settings({
    watts: decimal('Watts per core', 'The power of one fully used logical core. Default: 3.5 W, the AWS average for a vCPU at full use in the methodology of Cloud Carbon Footprint (cloudcarbonfootprint.org/docs/methodology). Measure your own server for a better estimate.', wattBounds),
    overhead: decimal('Overhead of the site', 'Energy of the site per energy of its servers (PUE). 1 counts the server alone; the average site had 1.54 in the Uptime Institute Global Data Center Survey 2025.', overheadBounds),
    gramsPerKwh: decimal('Grams of CO2 equivalent per kWh', 'The carbon intensity of the electricity. Default: 458 g, the world average of 2025 in the Global Electricity Review 2026 of Ember (ember-energy.org). Use the value of your grid or contract.', gramBounds),
  }),
  Component: lazy(() => import('./CarbonImpactWidget')),
};
