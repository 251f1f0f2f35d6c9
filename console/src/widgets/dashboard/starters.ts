import type { Dashboard, PlacedWidget } from '../types';

/** A ready-made dashboard to start from. */
export interface Starter {
  description: string;
  dashboard: Dashboard;
  /** Words in the names of queues that the dashboard is about, the most fitting first. */
  queueWords: readonly string[];
}

/** The starting points for a host without dashboards. Their widgets choose the parts that they show, so that they work on each host. */
export const starters: readonly Starter[] = [
  {
    description: 'Machines and sites: adapters with trouble, how the parts are connected, and the newest messages of the devices.',
    queueWords: ['telemetry', 'sensor', 'plant', 'line', 'meter'],
    dashboard: dashboard('Plant', [
      ['adapter-health', 0, 0, 7, 4],
      ['alerts', 7, 0, 5, 4],
      ['topology', 0, 4, 12, 7],
      ['rates', 0, 11, 6, 5],
      ['latency', 6, 11, 6, 5],
      ['queue-tail', 0, 16, 8, 4],
      ['carbon-impact', 8, 16, 4, 4],
      ['map-browser', 0, 20, 12, 4],
    ]),
  },
  {
    description: 'Orders and executions: the newest trades, latency, throughput and replication to the other site.',
    queueWords: ['execution', 'fill', 'trade', 'order'],
    dashboard: dashboard('Trading desk', [
      ['trading-blotter', 0, 0, 12, 5],
      ['latency', 0, 5, 6, 5],
      ['rates', 6, 5, 6, 5],
      ['circuit-graph', 0, 10, 7, 5],
      ['alerts', 7, 10, 5, 5],
      ['replication', 0, 15, 8, 4],
      ['fpga-card', 8, 15, 4, 4],
    ]),
  },
  {
    description: 'Payments under audit: attestations, processing, metering by tenant, and refused messages.',
    queueWords: ['payment', 'pacs', 'transfer', 'credit', 'settle'],
    dashboard: dashboard('Payments', [
      ['adapter-health', 0, 0, 7, 4],
      ['alerts', 7, 0, 5, 4],
      ['queue-tail', 0, 4, 7, 5],
      ['attestations', 7, 4, 5, 5],
      ['rates', 0, 9, 7, 5],
      ['metering', 7, 9, 5, 5],
      ['replication', 0, 14, 12, 4],
    ]),
  },
];

/** The dashboard of a starting point for a host: its newest messages are those of a fitting queue, if the host has one. */
export function startedFrom({ dashboard, queueWords }: Starter, queues: readonly string[]): Dashboard {
  const queue = queueWords.flatMap((word) => queues.filter((name) => name.toLowerCase().includes(word)))[0];
  const widgets = dashboard.widgets.map((one) => (one.widget === 'builtin/queue-tail' && queue !== undefined ? { ...one, config: { queue } } : one));
  return { ...dashboard, widgets };
}

function dashboard(title: string, places: readonly (readonly [name: string, x: number, y: number, cols: number, rows: number])[]): Dashboard {
  return { format: 1, title, widgets: places.map(([name, x, y, cols, rows]): PlacedWidget => ({ id: `${name}-1`, widget: `builtin/${name}`, x, y, cols, rows, title: null, config: {} })) };
}
