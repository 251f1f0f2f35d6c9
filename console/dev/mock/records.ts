import { hash, walk } from './noise.ts';

/** The fields of a message, computed from its schema and number. */
export function fieldsOf(schema: string, sequence: number, ms: number): unknown {
  const make = makers[schema] ?? ((): unknown => ({ number: sequence, at: at(ms) }));
  return make(sequence, ms);
}

type Maker = (sequence: number, ms: number) => unknown;

const metrics = [
  { name: 'temperature', unit: '°C', base: 42, swing: 9 },
  { name: 'pressure', unit: 'kPa', base: 310, swing: 25 },
  { name: 'flow', unit: 'l/min', base: 18.4, swing: 3 },
  { name: 'vibration', unit: 'mm/s', base: 2.1, swing: 1.2 },
];

const instruments = ['ERIC B', 'VOLV B', 'SEB A', 'HM B', 'ATCO A', 'SAND'];
const sealed = { $withheld: true };

interface Letter {
  source: string;
  topic: string;
  reason: string;
  payload: string;
}

const notANumber = 'field value: a number was expected, a string was found at byte 41';
const tooOld = 'field timestamp: 1763625600 is before the oldest accepted time';

/** The dead letters of each queue, in a repeated order. Several devices have the same reason. */
export const letters: Record<string, readonly Letter[]> = {
  'dead-letters': [
    { source: 'devices', topic: 'devices/pump-7/telemetry', reason: notANumber, payload: '{"device_id":"pump-7","value":"not a number","unit":"kPa"}' },
    { source: 'devices', topic: 'devices/pump-404/telemetry', reason: tooOld, payload: '{"device_id":"pump-404","value":12.5,"timestamp":1763625600}' },
    { source: 'devices', topic: 'devices/pump-70/telemetry', reason: notANumber, payload: '{"device_id":"pump-70","value":"n/a","unit":"kPa"}' },
    { source: 'devices', topic: 'devices/valve-12/telemetry', reason: 'no mapping accepts this payload: not JSON at byte 0', payload: '\u0001\u0002 open' },
    { source: 'clinic', topic: 'Observation', reason: 'element Observation.status: a value is required', payload: '{"resourceType":"Observation"}' },
    { source: 'devices', topic: 'devices/pump-7/status', reason: 'no mapping matches this topic', payload: 'online' },
    { source: 'line-3', topic: 'ns=2;s=Line3.Press4.Force', reason: 'item value has type Int16, and the mapping needs Double', payload: '17' },
    { source: 'hospital', topic: 'ADT^A01', reason: 'segment PID: field 3 is missing', payload: 'MSH|^~\\&|ADT|NORTH' },
  ],
  'trading-rejects': [
    { source: 'trading', topic: 'BROKER3', reason: 'tag 44: a price was expected', payload: '35=D|44=abc' },
    { source: 'exchange', topic: 'XSTO', reason: 'tag 55: the instrument is not known', payload: '35=W|55=XXXX' },
  ],
  'payment-rejects': [
    { source: 'payments-in', topic: 'pacs008-20261130-0004.xml', reason: 'element IntrBkSttlmAmt: currency ABC is not a code of ISO 4217', payload: '<Document/>' },
    { source: 'bank', topic: 'pacs.002', reason: 'the signature of the business application header is not valid', payload: '<Document/>' },
  ],
};

/** Returns the dead letter with a sequence number. */
export function letterOf(queue: string, sequence: number): Letter {
  const own = letters[queue] ?? letters['dead-letters']!;
  return own[sequence % own.length]!;
}

/** A price with 8 decimals near the level of its instrument, on a tick of 0.05. */
function priceOf(sequence: number): ReturnType<typeof exact> {
  const level = 85 + 52 * (sequence % instruments.length);
  return exact(5_000_000 * Math.round(20 * (level + 1.2 * walk(`px${sequence % instruments.length}`, sequence))));
}

const makers: Record<string, Maker> = {
  IoTTelemetry: telemetry,
  Hot: (sequence) => ({ device_id: `pump-${sequence % 61}`, value: round(71 + 9 * walk(`hot${sequence % 61}`, sequence)), limit: 70 }),
  Minute: (sequence, ms) => ({ minute: at(Math.floor(ms / 60_000) * 60_000), devices: 52 + (sequence % 9), highest: round(78 + (sequence % 7)) }),
  FixNewOrderSingle: (sequence, ms) => ({
    client_order_id: `ORD-${1_204_000 + sequence}`,
    instrument: instruments[sequence % 6],
    side: sequence % 2 === 0 ? 'Buy' : 'Sell',
    order_type: sequence % 5 === 0 ? 'Market' : 'Limit',
    order_type_code: sequence % 5 === 0 ? '1' : '2',
    quantity: 100 * (1 + (sequence % 40)),
    price: priceOf(sequence),
    time_in_force: 'Day',
    sent_at: at(ms),
  }),
  FixExecutionReport: (sequence, ms) => ({ execution_id: `EX-${sequence}`, client_order_id: `ORD-${1_204_000 + sequence}`, instrument: instruments[sequence % 6], status: sequence % 7 === 0 ? 'PartiallyFilled' : 'Filled', side: sequence % 3 === 0 ? 'Sell' : 'Buy', last_quantity: 100 * (1 + (sequence % 12)), last_price: priceOf(sequence), at: at(ms) }),
  FixMarketData: (sequence, ms) => ({ instrument: instruments[sequence % 6], bid: exact(10_449_000_000 + (sequence % 900)), offer: exact(10_451_000_000 + (sequence % 900)), at: at(ms) }),
  Pacs008CreditTransfer: (sequence, ms) => ({
    message_id: `M-${20_261_130_000 + sequence}`, end_to_end_id: `E2E-${sequence}`, debtor: sealed, creditor: sealed, amount: exact(125_000 + sequence * 13), currency: 'SEK', accepted_at: at(ms),
  }),
  Pacs002StatusReport: (sequence, ms) => ({ original_message_id: `M-${20_261_130_000 + sequence}`, status: sequence % 40 === 0 ? 'RJCT' : 'ACSC', reason: sequence % 40 === 0 ? 'AC04' : null, at: at(ms) }),
  FhirWrite: (sequence, ms) => ({ type: sequence % 9 === 0 ? 'Patient' : 'Observation', id: String(sequence), version: 1 + (sequence % 3), method: 'PUT', resource: sealed, at: at(ms) }),
  FhirAccess: (sequence, ms) => ({ actor: sealed, action: 'read', type: 'Observation', id: String(sequence), at: at(ms) }),
  Hl7Message: (sequence, ms) => ({ control_id: `HL7-${sequence}`, type: sequence % 3 === 0 ? 'ADT^A01' : 'ORU^R01', facility: 'NORTH', patient: sealed, received_at: at(ms) }),
  ModbusValue: (sequence, ms) => ({ device: `boiler-${sequence % 12}`, point: `boiler-${sequence % 12}/register-${40_001 + (sequence % 96)}`, value: round(60 + 20 * walk(`m${sequence % 96}`, sequence)), unit: '°C', at: at(ms) }),
  Dnp3Point: (sequence, ms) => ({ outstation: `bay-${1 + (sequence % 4)}`, group: 30, index: sequence % 40, value: round(230 + 6 * walk(`d${sequence % 40}`, sequence)), flags: ['ONLINE'], at: at(ms) }),
  OpcUaValue: (sequence, ms) => ({ node: `ns=2;s=Line3.Press${1 + (sequence % 8)}.Force`, value: round(120 + 30 * walk(`o${sequence % 8}`, sequence)), status: 'Good', source_at: at(ms) }),
  Alarm: (sequence, ms) => ({ device_id: `pump-${sequence % 61}`, severity: sequence % 4 === 0 ? 'Critical' : 'Warning', text: 'temperature above limit', raised_at: at(ms) }),
};

function telemetry(sequence: number, ms: number): unknown {
  const device = Math.floor(hash(`device/${sequence}`) * 1000);
  const metric = metrics[device % metrics.length]!;
  return {
    device_id: `pump-${device}`,
    timestamp: at(ms - 40),
    metric_name: metric.name,
    value: round(metric.base + metric.swing * walk(`pump-${device}`, ms / 1000)),
    unit: metric.unit,
    quality: 90 + (device % 11),
    ...(device % 3 === 0 && { location: { latitude: 59.3293, longitude: 18.0686, altitude_m: 28.5 } }),
    ...(device % 5 === 0 && { metadata: { firmware: '4.2.1', site: 'north quay' } }),
  };
}

/** Returns the fields of a dead letter. */
export function deadLetterOf(queue: string, sequence: number, ms: number): unknown {
  const { payload, ...rest } = letterOf(queue, sequence);
  return { received_at: at(ms), ...rest, payload: hexOf(payload) };
}

export function hexOf(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function round(value: number): number {
  return Number(value.toFixed(3));
}

function exact(value: number): string {
  return `@${value}`;
}

function at(ms: number): string {
  return `@${BigInt(Math.round(ms)) * 1_000_000n + 480_117n}`;
}
