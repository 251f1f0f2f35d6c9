import type { AdapterFact } from './fleet.ts';
import { hash } from './noise.ts';
import type { MockState } from './state.ts';
import { limitOf, ok, refuse, type MockAnswer } from './wire.ts';

type Kind = 'text' | 'id' | 'count' | 'bytes' | 'time' | 'duration' | 'state' | 'list';
type Column = [name: string, title: string, kind: Kind, unit?: string];
type Cell = string | number | null | string[];

/** A table of an adapter. Rows are computed from their number. */
interface Table {
  name: string;
  title: string;
  total: number;
  columns: Column[];
  row: (index: number, now: number) => Cell[];
}

const [id, address, state]: Column[] = [['id', 'Name', 'id'], ['address', 'Address', 'text'], ['state', 'State', 'state']];
const lastPoll: Column[] = [['lastPoll', 'Last poll', 'time'], ['polls', 'Polls', 'count'], ['errors', 'Errors', 'count'], ['detail', 'Detail', 'text']];
const ip = (index: number): string => `10.${1 + (index % 4)}.${index % 200}.${20 + (index % 200)}`;

const mqtt: Table[] = [
  {
    name: 'clients', title: 'Clients', total: 2_412,
    columns: [
      ['client', 'Client id', 'id'], address!, ['user', 'User', 'text'], ['version', 'MQTT', 'text'], ['since', 'Connected', 'time'],
      ['keepAlive', 'Keep-alive', 'duration'], ['inFlight', 'In flight', 'count'], ['queued', 'Queued', 'count'], ['subscriptions', 'Subscriptions', 'count'],
    ],
    row: (index, now) => [`pump-${index}`, `${ip(index)}:${40_000 + (index % 20_000)}`, 'fleet', index % 9 === 0 ? '3.1.1' : '5.0', now - 9_000_000 + index * 3100, 60, index % 17 === 0 ? 4 : 0, index % 101 === 0 ? 218 : 0, 1],
  },
  {
    name: 'subscriptions', title: 'Subscriptions', total: 2_430,
    columns: [['client', 'Client id', 'id'], ['filter', 'Filter', 'text'], ['qos', 'QoS', 'count'], ['options', 'Options', 'list']],
    row: (index) => [`pump-${index % 2412}`, index % 40 === 0 ? '$share/forecast/devices/+/telemetry' : `devices/pump-${index}/commands`, index % 3, index % 5 === 0 ? ['no local', 'retain as published'] : []],
  },
];

const fix: Table[] = [
  {
    name: 'sessions', title: 'Sessions', total: 6,
    columns: [
      ['sender', 'Sender', 'id'], ['target', 'Target', 'id'], ['version', 'FIX', 'text'], state!, ['nextIn', 'Next in', 'count'], ['nextOut', 'Next out', 'count'],
      ['lastReceived', 'Last received', 'time'], ['resend', 'Resend', 'text'],
    ],
    row: (index, now) => ['ESTREAM', `BROKER${index + 1}`, index === 3 ? 'FIX.4.2' : 'FIX.4.4', index === 4 ? 'degraded' : 'healthy', 4_120_448 + index * 917, 4_098_201 + index * 901, now - 400 - index * 900, index === 4 ? '4,411 to 4,498' : ''],
  },
];

const iso: Table[] = [
  {
    name: 'folders', title: 'Folders', total: 3,
    columns: [['folder', 'Folder', 'text'], ['waiting', 'Waiting', 'count'], ['taken', 'Taken', 'count'], ['refused', 'Refused', 'count'], ['bytes', 'Size', 'bytes'], ['newest', 'Newest file', 'time']],
    row: (index, now) => [['/srv/payments/in', '/srv/payments/urgent', '/srv/payments/bulk'][index] ?? '', index === 2 ? 4 : 0, 41_204 - index * 9000, index === 2 ? 21 : 0, 18_400_000 * (index + 1), now - 60_000 * (index + 1)],
  },
  {
    name: 'refusals', title: 'Refused files', total: 21,
    columns: [['file', 'File', 'text'], ['at', 'Refused', 'time'], ['bytes', 'Size', 'bytes'], ['reason', 'Reason', 'text']],
    row: (index, now) => [`pacs008-20261130-${String(index).padStart(4, '0')}.xml`, now - 3_600_000 * (index + 1), 42_000 + index * 311, index % 2 === 0 ? 'element CdtTrfTxInf[3]/IntrBkSttlmAmt: currency ABC is not a code of ISO 4217' : 'the signature of the business application header is not valid'],
  },
];

const fhir: Table[] = [
  {
    name: 'resources', title: 'Resources', total: 6,
    columns: [['type', 'Type', 'id'], ['count', 'Resources', 'count'], ['newest', 'Newest', 'time'], ['bytes', 'Size', 'bytes']],
    row: (index, now) => [['Observation', 'Patient', 'Encounter', 'Condition', 'MedicationRequest', 'DiagnosticReport'][index] ?? '', [2_408_110, 41_204, 88_104, 70_448, 120_881, 30_402][index] ?? 0, now - 700 * (index + 1) ** 3, 2_000_000_000 / (index + 1)],
  },
];

const hl7: Table[] = [
  {
    name: 'connections', title: 'Connections', total: 9,
    columns: [['peer', 'Peer', 'text'], ['application', 'Application', 'id'], ['since', 'Connected', 'time'], ['received', 'Received', 'count'], ['negative', 'Negative answers', 'count'], ['last', 'Last message', 'time']],
    row: (index, now) => [`${ip(index)}:51${index}4`, ['LAB', 'ADT', 'RIS'][index % 3] ?? '', now - 7_200_000 - index * 90_000, 60_204 - index * 4_000, index === 2 ? 4 : 0, now - 1200 * (index + 1)],
  },
];

const devices = (name: string, total: number, failing: number): Table[] => [
  {
    name: 'devices', title: 'Devices', total, columns: [id!, address!, state!, ...lastPoll],
    row: (index, now) => [`${name}-${index}`, `10.2.0.${10 + index}`, index === failing ? 'unhealthy' : 'healthy', index === failing ? now - 190_000 : now - 240 - index * 31, 188_204 - index, index === failing ? 412 : index % 3, index === failing ? 'no answer in 2 s (6 times in a row)' : ''],
  },
];

const server: Table[] = [
  {
    name: 'connections', title: 'Connections', total: 3,
    columns: [['peer', 'Peer', 'text'], ['since', 'Connected', 'time'], ['requests', 'Requests', 'count'], ['idle', 'Idle', 'duration']],
    row: (index, now) => [`${ip(index)}:5${index}02`, now - 80_000_000, 9_120_448 - index * 100, hash(`idle${index}`) * 3],
  },
];

const byType: Record<string, Table[]> = {
  'mqtt-endpoint': mqtt, 'fix-acceptor': fix, 'fix-initiator': [{ ...fix[0]!, total: 1 }], 'hl7-listener': hl7, 'fhir-server': fhir, 'iso20022-folder': iso,
  'modbus-client': devices('boiler', 12, 7), 'modbus-server': server, 'dnp3-master': devices('bay', 4, -1), 'opcua-client': devices('line-3', 1, -1),
};

export function tablesOf(adapter: AdapterFact): Table[] {
  return byType[adapter.type] ?? [];
}

/** `GET /api/adapters/NAME/tables/TABLE`. */
export function tablePage(adapter: AdapterFact, name: string | undefined, url: URL, mock: MockState): MockAnswer {
  const table = tablesOf(adapter).find((one) => one.name === name);
  if (table === undefined) {
    return refuse(404, `Adapter '${adapter.name}' has no table '${name}'.`);
  }
  const search = (url.searchParams.get('search') ?? '').toLowerCase();
  const start = Number(url.searchParams.get('after') ?? 0);
  const limit = limitOf(url, 200, 1000);
  const rows: Cell[][] = [];
  let total = 0;
  for (let index = 0; index < table.total; index++) {
    const row = table.row(index, mock.now());
    if (search === '' || row.some((cell) => String(cell).toLowerCase().includes(search))) {
      if (total++ >= start && rows.length < limit) {
        rows.push(row);
      }
    }
  }
  const end = start + rows.length;
  const columns = table.columns.map(([column, title, kind, unit]) => ({ name: column, title, kind, ...(unit !== undefined && { unit }) }));
  return ok({ columns, rows, total, next: end < total ? String(end) : null });
}
