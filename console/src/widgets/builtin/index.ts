import type { BuiltinWidget } from '../types';
import { adapterHealthWidget } from './adapter-health/widget';
import { alertsWidget } from './alerts/widget';
import { attestationsWidget } from './attestations/widget';
import { carbonImpactWidget } from './carbon-impact/widget';
import { circuitGraphWidget } from './circuit-graph/widget';
import { fpgaCardWidget } from './fpga-card/widget';
import { latencyWidget } from './latency/widget';
import { mapBrowserWidget } from './map-browser/widget';
import { meteringWidget } from './metering/widget';
import { queueTailWidget } from './queue-tail/widget';
import { ratesWidget } from './rates/widget';
import { replicationWidget } from './replication/widget';
import { topologyWidget } from './topology/widget';
import { tradingBlotterWidget } from './trading-blotter/widget';

/** The widgets that are part of the console, in the order of the picker. The code of each is loaded when a dashboard shows it. */
export const builtinWidgets: readonly BuiltinWidget[] = [
  ratesWidget,
  latencyWidget,
  queueTailWidget,
  mapBrowserWidget,
  adapterHealthWidget,
  circuitGraphWidget,
  attestationsWidget,
  meteringWidget,
  replicationWidget,
  fpgaCardWidget,
  topologyWidget,
  alertsWidget,
  carbonImpactWidget,
  tradingBlotterWidget,
];
