/** The simulated site: its queues, maps and adapters by name. Everything else is computed from these. */

export interface QueueFact {
  name: string;
  schema: string;
  /** Messages per second in the afternoon. */
  rate: number;
  /** Bytes of a message in the log. */
  size: number;
  /** Messages stored when the simulation starts. */
  stored: number;
  partitions?: number;
  durability?: string;
  isDeadLetters?: boolean;
  /** The adapters, pipelines and circuits that append. */
  sources: string[];
}

export interface MapFact {
  name: string;
  owner: 'queue' | 'client' | 'circuit' | 'pipeline' | 'replica';
  source: string;
  schema: string;
  key: string;
  keyOf: (index: number) => string;
  entries: number;
  rate: number;
  whyReadOnly?: string;
}

export interface AdapterFact {
  name: string;
  type: string;
  state: 'healthy' | 'degraded' | 'unhealthy';
  detail: string;
  connections: number;
  /** Messages per second in the afternoon. */
  rate: number;
  rejected: number;
  queues: string[];
  deadLetters: string;
  devices?: number;
  payments?: number;
  restarts?: number;
  egress?: string[];
}

const queue = (name: string, schema: string, rate: number, size: number, stored: number, sources: string[], more: Partial<QueueFact> = {}): QueueFact => ({
  name, schema, rate, size, stored, sources, ...more,
});

export const queues: readonly QueueFact[] = [
  queue('telemetry', 'IoTTelemetry', 1180, 176, 86_420_114, ['adapter:devices'], { partitions: 16 }),
  queue('orders', 'FixNewOrderSingle', 412, 208, 12_448_901, ['adapter:trading'], { durability: 'QuorumAndFlush' }),
  queue('executions', 'FixExecutionReport', 377, 244, 11_902_377, ['adapter:exchange']),
  queue('quotes', 'FixMarketData', 2840, 148, 402_118_840, ['adapter:exchange']),
  queue('payments', 'Pacs008CreditTransfer', 3.4, 1420, 412_008, ['adapter:payments-in'], { durability: 'GroupCommit' }),
  queue('payment-status', 'Pacs002StatusReport', 3.1, 980, 398_221, ['adapter:bank']),
  queue('statements', 'Camt053Statement', 0.02, 8800, 2_114, ['adapter:statements'], { durability: 'GroupCommit' }),
  queue('patients', 'FhirWrite', 0.8, 2040, 88_102, ['adapter:clinic']),
  queue('observations', 'FhirWrite', 14, 1810, 2_408_110, ['adapter:clinic', 'adapter:laboratory-sync']),
  queue('admissions', 'Hl7Message', 0.6, 1330, 120_442, ['adapter:hospital']),
  queue('lab-results', 'Hl7Message', 2.2, 1710, 480_201, ['adapter:hospital']),
  queue('plc-points', 'ModbusValue', 96, 120, 18_840_200, ['adapter:boilers']),
  queue('substation-points', 'Dnp3Point', 41, 132, 7_204_118, ['adapter:substation']),
  queue('line-values', 'OpcUaValue', 220, 156, 30_118_402, ['adapter:line-3']),
  queue('plant-7', 'IoTTelemetry', 58, 176, 4_410_802, ['adapter:plant-7']),
  queue('commands', 'DeviceCommand', 0.4, 190, 31_008, ['clients'], { durability: 'Every' }),
  queue('setpoints', 'ModbusWriteResponse', 0.1, 140, 9_014, ['adapter:boilers']),
  queue('alarms', 'Alarm', 0.3, 210, 44_817, ['pipeline:alarms']),
  queue('hot', 'Hot', 62, 96, 6_402_110, ['pipeline:hot']),
  queue('hot-minutes', 'Minute', 1.2, 112, 310_440, ['pipeline:minutes']),
  queue('order-sums', 'OrderSum', 8, 104, 780_204, ['pipeline:order-sums']),
  queue('settlements', 'Settlement', 2.9, 260, 301_228, ['circuit:settle']),
  queue('settlement-errors', 'Settlement', 0.02, 260, 904, ['circuit:settle']),
  queue('credits', 'CarbonMint', 0.2, 420, 18_044, ['circuit:carbon']),
  queue('credit-retirements', 'CarbonCredit', 0.05, 380, 4_201, ['circuit:carbon']),
  queue('risk', 'RiskFigure', 22, 128, 2_011_402, ['circuit:risk']),
  queue('tunnel-fans', 'OpcUaValue', 12, 150, 1_240_011, ['adapter:line-3']),
  queue('weather', 'IoTTelemetry', 0.5, 160, 88_012, ['clients']),
  queue('tariffs', 'Tariff', 0, 140, 8_760, ['clients']),
  queue('maintenance', 'WorkOrder', 0.01, 330, 1_204, ['clients']),
  queue('shift-log', 'ShiftEntry', 0.01, 280, 5_512, ['clients']),
  queue('energy-meters', 'IoTTelemetry', 33, 168, 9_112_402, ['adapter:devices']),
  queue('badge-events', 'Hl7Message', 0, 140, 22_018, ['clients']),
  queue('firmware', 'Firmware', 0, 65_600, 42, ['clients']),
  queue('replica-trades', 'FixExecutionReport', 0, 244, 8_201_114, ['replica']),
  queue('fhir-access', 'FhirAccess', 15, 240, 2_502_116, ['adapter:clinic']),
  queue('drop-copies', 'FixExecutionReport', 4.1, 244, 118_204, ['adapter:drop-copy']),
  queue('dead-letters', 'DeadLetter', 0.06, 430, 1_284, ['adapter:devices', 'adapter:plant-7', 'adapter:line-3'], { isDeadLetters: true }),
  queue('trading-rejects', 'DeadLetter', 0.01, 510, 118, ['adapter:trading', 'adapter:exchange'], { isDeadLetters: true }),
  queue('payment-rejects', 'DeadLetter', 0.005, 2200, 37, ['adapter:payments-in', 'adapter:bank'], { isDeadLetters: true }),
];

const pump = (index: number): string => `pump-${index}`;

export const maps: readonly MapFact[] = [
  { name: 'latest', owner: 'queue', source: 'telemetry', schema: 'IoTTelemetry', key: 'device_id', keyOf: pump, entries: 2_400_000, rate: 1180, whyReadOnly: "Queue 'telemetry' owns the map. Append a message to change an entry." },
  { name: 'open-orders', owner: 'queue', source: 'orders', schema: 'FixNewOrderSingle', key: 'client_order_id', keyOf: (index) => `ORD-${1_204_000 + index}`, entries: 3_842, rate: 412, whyReadOnly: "Queue 'orders' owns the map. Append a message to change an entry." },
  { name: 'plc-latest', owner: 'queue', source: 'plc-points', schema: 'ModbusValue', key: 'point', keyOf: (index) => `boiler-${index % 12}/register-${40_001 + index}`, entries: 1_152, rate: 96, whyReadOnly: "Queue 'plc-points' owns the map. Append a message to change an entry." },
  { name: 'patients-by-id', owner: 'queue', source: 'patients', schema: 'FhirWrite', key: 'id', keyOf: (index) => `${uuid(index)}`, entries: 41_204, rate: 0.8, whyReadOnly: "Queue 'patients' owns the map. Append a message to change an entry." },
  { name: 'settings', owner: 'client', source: 'clients', schema: '', key: '', keyOf: (index) => `line-${1 + (index % 4)}/limit-${index}`, entries: 212, rate: 0.02 },
  { name: 'sessions', owner: 'client', source: 'clients', schema: '', key: '', keyOf: (index) => `session:${uuid(index)}`, entries: 9_120, rate: 3.4 },
  { name: 'tariff-now', owner: 'client', source: 'clients', schema: 'Tariff', key: '', keyOf: (index) => `zone-${index}`, entries: 24, rate: 0 },
  { name: 'balances', owner: 'circuit', source: 'settle', schema: 'Settlement', key: 'account_id', keyOf: (index) => `SE${45_000_000 + index * 7}`, entries: 18_204, rate: 2.9, whyReadOnly: "Circuit 'settle' owns the map." },
  { name: 'positions', owner: 'circuit', source: 'risk', schema: 'RiskFigure', key: 'instrument', keyOf: (index) => `ISIN-${index}`, entries: 640, rate: 22, whyReadOnly: "Circuit 'risk' owns the map." },
  { name: 'hot-devices', owner: 'pipeline', source: 'hot', schema: 'Hot', key: 'device_id', keyOf: pump, entries: 61, rate: 62, whyReadOnly: "Pipeline 'hot' owns the map." },
  { name: 'order-totals', owner: 'pipeline', source: 'order-sums', schema: 'OrderSum', key: 'instrument', keyOf: (index) => `ISIN-${index}`, entries: 640, rate: 8, whyReadOnly: "Pipeline 'order-sums' owns the map." },
  { name: 'site-b-settings', owner: 'replica', source: 'site-b', schema: '', key: '', keyOf: (index) => `line-${1 + (index % 4)}/limit-${index}`, entries: 212, rate: 0.02, whyReadOnly: 'The map is a replica. Change it on host site-b.' },
];

export const adapters: readonly AdapterFact[] = [
  { name: 'devices', type: 'mqtt-endpoint', state: 'healthy', detail: 'listening on 0.0.0.0:8883 with TLS 1.3', connections: 2_412, rate: 1213, rejected: 1_021, queues: ['telemetry', 'energy-meters'], deadLetters: 'dead-letters', egress: ['commands'] },
  { name: 'plant-7', type: 'mqtt-client', state: 'degraded', detail: 'broker mqtt.plant-7.internal:8883 refused the connection: not authorised (0x87); retrying in 4 s', connections: 0, rate: 58, rejected: 0, queues: ['plant-7'], deadLetters: 'dead-letters', restarts: 1 },
  { name: 'trading', type: 'fix-acceptor', state: 'healthy', detail: 'listening on 0.0.0.0:9878 with TLS 1.3', connections: 6, rate: 412, rejected: 88, queues: ['orders'], deadLetters: 'trading-rejects', egress: ['executions'] },
  { name: 'exchange', type: 'fix-initiator', state: 'healthy', detail: 'logged on to XSTO', connections: 2, rate: 3217, rejected: 30, queues: ['executions', 'quotes'], deadLetters: 'trading-rejects', egress: ['orders'] },
  { name: 'drop-copy', type: 'fix-initiator', state: 'unhealthy', detail: 'cannot log on to BROKER-DC at 10.4.0.20:9880: MsgSeqNum 4411 is lower than expected 4498', connections: 0, rate: 0, rejected: 0, queues: ['drop-copies'], deadLetters: 'trading-rejects', restarts: 14 },
  { name: 'hospital', type: 'hl7-listener', state: 'healthy', detail: 'listening on 0.0.0.0:2575', connections: 9, rate: 2.8, rejected: 4, queues: ['admissions', 'lab-results'], deadLetters: 'dead-letters' },
  { name: 'clinic', type: 'fhir-server', state: 'healthy', detail: 'serving /fhir on 0.0.0.0:8443', connections: 31, rate: 14.8, rejected: 212, queues: ['patients', 'observations'], deadLetters: 'dead-letters' },
  { name: 'laboratory-sync', type: 'fhir-client', state: 'healthy', detail: 'polls https://lab.example.org/fhir each minute', connections: 1, rate: 0.2, rejected: 0, queues: ['observations'], deadLetters: 'dead-letters' },
  { name: 'payments-in', type: 'iso20022-folder', state: 'healthy', detail: 'watching /srv/payments/in', connections: 0, rate: 3.4, rejected: 21, queues: ['payments'], deadLetters: 'payment-rejects' },
  { name: 'bank', type: 'iso20022-client', state: 'healthy', detail: 'connected to bank.example.org:4443', connections: 1, rate: 3.1, rejected: 16, queues: ['payment-status'], deadLetters: 'payment-rejects', payments: 42, egress: ['payments'] },
  { name: 'statements', type: 'iso20022-listener', state: 'healthy', detail: 'listening on 0.0.0.0:4444 with TLS 1.3', connections: 2, rate: 0.02, rejected: 0, queues: ['statements'], deadLetters: 'payment-rejects' },
  { name: 'boilers', type: 'modbus-client', state: 'degraded', detail: '11 of 12 devices answer; boiler-7 does not', connections: 11, rate: 96, rejected: 0, queues: ['plc-points', 'setpoints'], deadLetters: 'dead-letters', devices: 12 },
  { name: 'historian', type: 'modbus-server', state: 'healthy', detail: 'listening on 0.0.0.0:502', connections: 3, rate: 0, rejected: 0, queues: [], deadLetters: 'dead-letters' },
  { name: 'substation', type: 'dnp3-master', state: 'healthy', detail: '4 outstations online', connections: 4, rate: 41, rejected: 0, queues: ['substation-points'], deadLetters: 'dead-letters', devices: 4 },
  { name: 'line-3', type: 'opcua-client', state: 'healthy', detail: 'subscribed to 1,840 items of opc.tcp://line-3:4840', connections: 1, rate: 232, rejected: 12, queues: ['line-values', 'tunnel-fans'], deadLetters: 'dead-letters', devices: 1 },
];

/** An id that looks like a UUID, the same for the same number. */
export function uuid(index: number): string {
  const hex = (Math.imul(index + 11, 2_654_435_761) >>> 0).toString(16).padStart(8, '0');
  return `${hex}-4f1e-4a20-9b3c-${String(index).padStart(12, '0')}`;
}
