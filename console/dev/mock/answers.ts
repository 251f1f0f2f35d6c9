import { adapterDetail, adapterNamed, componentOf, devicesOf, paymentsOf } from './adapters.ts';
import { audit, tokens } from './access.ts';
import { alertLog, alertRows } from './alerts.ts';
import { circuitDetail, circuits, observe, traces } from './circuits.ts';
import { components } from './components.ts';
import { configuration } from './configuration.ts';
import { dashboardAnswer } from './widgets/dashboards.ts';
import { find } from './find.ts';
import { maps } from './fleet.ts';
import { history, seriesList } from './history.ts';
import { changeEntry, mapEntry, mapHistory, mapList, mapPage } from './maps.ts';
import { append, newest, oneMessage, queueNamed } from './messages.ts';
import { health, overview } from './overview.ts';
import { queueDetail, queueList } from './queues.ts';
import { attestations, inclusion } from './replication.ts';
import { schemaAnswer } from './schemas.ts';
import { exported, search } from './search.ts';
import type { MockState } from './state.ts';
import { tablePage } from './tables.ts';
import { widgets } from './widgets/catalogue.ts';
import { ok, refuse, type MockAnswer, type MockRequest } from './wire.ts';

const unknown = (what: string, list: string): MockAnswer => refuse(404, `There is no ${what} with this name. ${list} lists all.`);

/** The answer of the simulated host; undefined for a path that is not of the API. */
export function answer(request: MockRequest, state: MockState): MockAnswer | undefined {
  const { url, method } = request;
  if (url.pathname === '/health') {
    return health(state);
  }
  const [, api, kind, name, ...rest] = url.pathname.split('/').map(decodeURIComponent);
  if (api !== 'api') {
    return undefined;
  }
  switch (kind) {
    case 'session':
      return method === 'DELETE' ? { status: 204 } : ok({ name: 'this machine', role: 'admin', scopes: [], isSignedIn: false });
    case 'health':
      return ok(health(state).body);
    case 'overview':
      return ok(overview(state));
    case 'queues':
      return name === undefined ? queueList(url, state) : queueAnswer(name, rest, request, state);
    case 'maps':
      return name === undefined ? mapList(url, state) : mapAnswer(name, rest, request, state);
    case 'adapters':
      return adapterAnswer(name, rest, request, state);
    case 'circuits':
      return circuitAnswer(name, rest, request, state);
    case 'history':
      return name === 'series' ? seriesList(url, state) : history(url, state);
    case 'alerts':
      return name === 'log' ? alertLog(url, state) : ok(alertRows(state));
    case 'schemas':
      return schemaAnswer(url, name);
    case 'find':
      return find(url, state);
    case 'components':
      return ok(components());
    case 'dashboards':
      return dashboardAnswer(name, request, state);
    case 'widgets':
      return name === undefined ? ok(widgets()) : unknown('file', '/api/widgets');
    case 'configuration':
      return ok(configuration());
    case 'tokens':
      return ok(tokens(state));
    case 'audit':
      return ok(audit(url, state));
    default:
      return undefined;
  }
}

function queueAnswer(name: string, [part, number, of]: string[], request: MockRequest, state: MockState): MockAnswer {
  const queue = queueNamed(name);
  if (queue === undefined) {
    return unknown('queue', '/api/queues');
  }
  const { url, method } = request;
  switch (part) {
    case undefined:
      return queueDetail(queue, state);
    case 'messages':
      if (number !== undefined) {
        return of === 'inclusion' ? ok(inclusion(name, number, state)) : oneMessage(queue, Number(number), state);
      }
      return method === 'POST' ? append(queue, request, state) : url.searchParams.has('from') ? { status: 200, lines: search(queue, url, state) } : newest(queue, url, state);
    case 'export':
      return { status: 200, lines: exported(queue, url, state) };
    case 'pause':
    case 'resume':
      return change(state.pausedQueues, name, part);
    case 'redrive':
      return ok({ sent: 1, refused: 0, next: 0, hasMore: false, deadLetters: [{ sequence: 1, source: 'devices', topic: 'devices/pump-7/telemetry', reason: '' }] });
    case 'attestations':
      return ok(attestations(name, url, state));
    default:
      return unknown('path', 'docs/guides/operating/http.md');
  }
}

function mapAnswer(name: string, [key]: string[], request: MockRequest, state: MockState): MockAnswer {
  const map = maps.find((one) => one.name === name);
  if (map === undefined) {
    return unknown('map', '/api/maps');
  }
  if (key === undefined) {
    return mapPage(map, request.url, state);
  }
  if (key === 'history') {
    return mapHistory(map, request.url, state);
  }
  return request.method === 'GET' ? mapEntry(map, key, state) : changeEntry(map, key, request, state);
}

function adapterAnswer(name: string | undefined, [part, table]: string[], { url }: MockRequest, state: MockState): MockAnswer {
  const adapter = adapterNamed(name);
  if (adapter === undefined) {
    return unknown('adapter', '/api/overview');
  }
  switch (part) {
    case undefined:
      return adapterDetail(adapter, state);
    case 'tables':
      return tablePage(adapter, table, url, state);
    case 'devices':
      return ok(devicesOf(adapter, state));
    case 'payments':
      return ok(paymentsOf(adapter, state));
    case 'component':
      return componentOf(adapter) === undefined ? unknown('component adapter', '/api/overview') : ok(componentOf(adapter));
    case 'pause':
    case 'resume':
      return change(state.pausedAdapters, adapter.name, part);
    default:
      return unknown('path', 'docs/guides/operating/http.md');
  }
}

function circuitAnswer(name: string | undefined, [part]: string[], { url }: MockRequest, state: MockState): MockAnswer {
  const circuit = circuits.find((one) => one.name === name);
  if (circuit === undefined) {
    return unknown('circuit', '/api/overview');
  }
  return part === 'traces' ? traces(circuit, url, state) : part === 'observation' ? observe(circuit, url, state) : circuitDetail(circuit, state);
}

function change(paused: Set<string>, name: string, verb: string): MockAnswer {
  if (verb === 'pause') {
    paused.add(name);
  } else {
    paused.delete(name);
  }
  return { status: 204 };
}
