import { lazy } from 'react';
import type { BuiltinWidget } from '../../types';
import { decimal, settings } from '../shared/configSchema';
import { gramBounds, overheadBounds, wattBounds } from './carbon';

export const carbonImpactWidget: BuiltinWidget = {
  id: 'builtin/carbon-impact',
  title: 'Carbon impact',
  description: 'An estimate of the energy and CO2 of this host from its processor time. Default power: 3.5 W per core at full load, the AWS maximum of the Cloud Carbon Footprint methodology. Default grid: 480 g CO2 per kWh, the world average of 2023 in the Global Electricity Review 2024 of Ember.',
  category: 'economics',
  requiredRoles: ['viewer'],
  minSize: { cols: 2, rows: 3 },
  defaultSize: { cols: 4, rows: 4 },
  maxSize: { cols: 12, rows: 12 },
  configSchema: settings({
    watts: decimal('Watts per core', 'The power of one fully used logical core. Cloud Carbon Footprint gives 3.5 W for AWS; measure your own server for a better estimate.', wattBounds),
    overhead: decimal('Overhead of the site', 'Energy of the site per energy of its servers (PUE), such as 1.2. 1 counts the server alone.', overheadBounds),
    gramsPerKwh: decimal('Grams of CO2 per kWh', 'The carbon intensity of the electricity. Ember gives 480 g for the world in 2023; use the value of your grid or contract.', gramBounds),
  }),
  Component: lazy(() => import('./CarbonImpactWidget')),
};
