import { lazy, type ComponentType, type LazyExoticComponent } from 'react';

/** The groups of the navigation. */
export type Section = 'Data' | 'Processing' | 'Host';

type Load = () => Promise<{ default: ComponentType }>;

interface PageRoute {
  path: string;
  /** The title; for a page with a parameter, the last parameter is used instead. */
  title: string;
  /** The group of the navigation that shows a link; absent if the page is reached from another one. */
  section?: Section;
  Page: LazyExoticComponent<ComponentType>;
  /** Loads the code of the page. */
  load: Load;
}

function page(path: string, title: string, load: Load, section?: Section): PageRoute {
  return { path, title, Page: lazy(load), load, ...(section && { section }) };
}

/** Every page of the console, one line each, in the order of the navigation. Each page is a chunk of its own. */
export const routes: readonly PageRoute[] = [
  page('/', 'Overview', () => import('../pages/overview/OverviewPage'), 'Data'),
  page('/dashboards', 'Dashboards', () => import('../pages/dashboards/DashboardsPage'), 'Data'),
  page('/dashboards/mine', 'Private', () => import('../pages/dashboards/DashboardsPage')),
  page('/dashboards/mine/:name', 'Dashboard', () => import('../pages/dashboard/PrivateDashboardPage')),
  page('/dashboards/:name', 'Dashboard', () => import('../pages/dashboard/SharedDashboardPage')),
  page('/queues', 'Queues', () => import('../pages/queues/QueuesPage'), 'Data'),
  page('/queues/:name', 'Queue', () => import('../pages/queue/QueuePage')),
  page('/queues/:name/messages/:sequence', 'Message', () => import('../pages/message/MessagePage')),
  page('/maps', 'Maps', () => import('../pages/maps/MapsPage'), 'Data'),
  page('/maps/:name', 'Map', () => import('../pages/map/MapPage')),
  page('/maps/:name/:key', 'Entry', () => import('../pages/entry/EntryPage')),
  page('/adapters', 'Adapters', () => import('../pages/adapters/AdaptersPage'), 'Processing'),
  page('/adapters/:name', 'Adapter', () => import('../pages/adapter/AdapterPage')),
  page('/circuits', 'Circuits', () => import('../pages/circuits/CircuitsPage'), 'Processing'),
  page('/circuits/:name', 'Circuit', () => import('../pages/circuit/CircuitPage')),
  page('/replication', 'Replication', () => import('../pages/replication/ReplicationPage'), 'Processing'),
  page('/witnesses', 'Witnesses', () => import('../pages/witnesses/WitnessesPage'), 'Processing'),
  page('/cards', 'Cards', () => import('../pages/cards/CardsPage'), 'Processing'),
  page('/alerts', 'Alerts', () => import('../pages/alerts/AlertsPage'), 'Host'),
  page('/schemas', 'Schemas', () => import('../pages/schemas/SchemasPage'), 'Host'),
  page('/schemas/:name', 'Schema', () => import('../pages/schema/SchemaPage')),
  page('/components', 'Components', () => import('../pages/components/ComponentsPage'), 'Host'),
  page('/widgets', 'Widgets', () => import('../pages/widgets/WidgetsPage'), 'Host'),
  page('/widgets/:scope/:name', 'Widget', () => import('../pages/widget/WidgetPage')),
  page('/configuration', 'Configuration', () => import('../pages/configuration/ConfigurationPage'), 'Host'),
  page('/access', 'Access', () => import('../pages/access/AccessPage'), 'Host'),
];
