import { queues } from './fleet.ts';
import { digits } from './noise.ts';
import { ok, refuse, type MockAnswer } from './wire.ts';

type FieldFact = [name: string, type: string, description: string, flags?: string];

interface SchemaFact {
  name: string;
  namespace: string;
  description: string;
  fields: FieldFact[];
  file: string | null;
  path?: string;
  pattern?: string;
}

const text = 'string(64)';

const facts: readonly SchemaFact[] = [
  {
    name: 'IoTTelemetry', namespace: 'estream.iot', description: 'A measurement of a device', file: null, path: '/devices/{device_id}/telemetry', pattern: 'telemetry',
    fields: [
      ['device_id', text, 'The device'], ['timestamp', 'timestamp', 'When the device measured, in nanoseconds since the epoch'], ['metric_name', text, 'What was measured'], ['value', 'f64', 'The measured value'],
      ['unit', 'string(16)', 'The unit of the value', 'optional'], ['quality', 'u8', '0 (bad) to 100 (good)', 'optional'], ['location', 'Location', 'Where the device is', 'optional'], ['metadata', 'map(string, string)', 'Further properties', 'optional'],
    ],
  },
  {
    name: 'Pacs008CreditTransfer', namespace: 'estream.payments', description: 'A credit transfer of ISO 20022 (pacs.008)', file: 'iso20022.esf.yaml', path: '/payments/{message_id}',
    fields: [
      ['message_id', 'string(35)', 'GrpHdr/MsgId'], ['end_to_end_id', 'string(35)', 'PmtId/EndToEndId'], ['debtor', 'Party', 'Dbtr', 'private'], ['creditor', 'Party', 'Cdtr', 'private'],
      ['card_number', 'string(19)', 'The card, if the payment has one', 'optional tokenized'], ['amount', 'i64', 'IntrBkSttlmAmt, in minor units'], ['currency', 'Currency', 'ISO 4217'], ['accepted_at', 'timestamp', 'AccptncDtTm'],
    ],
  },
  {
    name: 'FhirWrite', namespace: 'estream.fhir', description: 'A change of a FHIR resource', file: 'fhir-log.esf.yaml', pattern: 'event',
    fields: [['type', text, 'The type of the resource'], ['id', text, 'The logical id'], ['version', 'u64', 'meta.versionId'], ['method', 'Method', 'PUT, POST, PATCH or DELETE'], ['resource', 'bytes', 'The resource', 'private'], ['at', 'timestamp', 'When']],
  },
  {
    name: 'FixExecutionReport', namespace: 'estream.fix', description: 'An execution report of FIX (8)', file: 'fix-orders.esf.yaml',
    fields: [
      ['execution_id', text, 'ExecID (17)'], ['instrument', 'string(32)', 'Symbol (55)'], ['side', 'FixSide', 'Side (54)'], ['last_quantity', 'u64', 'LastQty (32) in base units'], ['last_price', 'i64', 'LastPx (31), 8 decimals'],
      ['status', 'FixOrderStatus', 'OrdStatus (39)'], ['client_order_id', text, 'ClOrdID (11)'], ['at', 'timestamp', 'TransactTime (60)'],
    ],
  },
  {
    name: 'FixMarketData', namespace: 'estream.fix', description: 'The best bid and offer of an instrument', file: 'fix-orders.esf.yaml',
    fields: [['instrument', 'string(32)', 'Symbol (55)'], ['bid', 'i64', 'The best bid, 8 decimals'], ['offer', 'i64', 'The best offer, 8 decimals'], ['at', 'timestamp', 'When']],
  },
  {
    name: 'DeadLetter', namespace: 'estream.system', description: 'A payload that did not fit its schema, kept with the reason', file: null,
    fields: [['received_at', 'timestamp', 'When the payload arrived'], ['source', 'string', 'Name of the adapter that received it'], ['topic', 'string', 'Topic, path or address it came with'], ['reason', 'string', 'What is wrong with it'], ['payload', 'bytes', 'The bytes as they came']],
  },
];

const descriptions: Record<string, string> = {
  Alarm: 'A value beyond the limit of its device',
  Dnp3Point: 'A point of a substation, with its flags',
  FhirAccess: 'A user that read a FHIR resource',
  FixNewOrderSingle: 'A new order of FIX (D)',
  Hl7Message: 'A message of HL7 version 2',
  Hot: 'A temperature above the limit',
  Minute: 'Hot devices, counted each minute',
  ModbusValue: 'The value of a register',
  OpcUaValue: 'The value of a node of an OPC UA server',
  Pacs002StatusReport: 'The status of a payment (pacs.002)',
  Camt053Statement: 'A bank statement of one account and day',
  DeviceCommand: 'A command to a device, such as a new setpoint',
  ModbusWriteResponse: 'The response of a device to a register write',
  OrderSum: 'The orders of one instrument, summed each minute',
  Settlement: 'A settled order with its account and amount',
  CarbonMint: 'New carbon credits of a project',
  CarbonCredit: 'A carbon credit that its owner retired',
  RiskFigure: 'The exposure to one instrument',
  Tariff: 'The price of energy in a zone, valid from an hour on',
  WorkOrder: 'A maintenance task at a machine',
  ShiftEntry: 'An entry of the shift log',
  Firmware: 'A firmware image for devices',
};

const locationFields = ['latitude', 'longitude', 'altitude_m'].map((name) => ({ name, type: 'f64', description: null, isOptional: name === 'altitude_m', isPrivate: false, isTokenized: false, audiences: [], values: [] }));

/** The schemas of all queues; those without facts have two plain fields. */
function all(): SchemaFact[] {
  const known = new Set(facts.map(({ name }) => name));
  const others = [...new Set(queues.map(({ schema }) => schema))].filter((name) => !known.has(name));
  return [
    ...facts,
    ...others.map((name): SchemaFact => ({ name, namespace: 'acme', description: descriptions[name] ?? 'Values of the plant', file: 'acme.esf.yaml', fields: [['number', 'u64', 'A number'], ['at', 'timestamp', 'When']] })),
  ];
}

function row({ name, namespace, description, fields, file, path, pattern }: SchemaFact): Record<string, unknown> {
  return {
    name, namespace, description, pattern: pattern ?? null, path: path ?? null, isBuiltIn: file === null, fieldCount: fields.length, isPrivate: fields.some(([, , , flags = '']) => flags.includes('private') || flags.includes('tokenized')),
    queues: queues.filter(({ schema }) => schema === name).map((queue) => queue.name),
  };
}

export function schemaAnswer(url: URL, name: string | undefined): MockAnswer {
  if (name === undefined) {
    return ok(url.searchParams.get('view') === 'list' ? { schemas: all().map(row) } : [{ name: 'acme.esf.yaml', text: sourceOf('acme.esf.yaml') }, { name: 'iso20022.esf.yaml', text: sourceOf('iso20022.esf.yaml') }]);
  }
  const found = all().find((schema) => schema.name === name || `${schema.namespace}.${schema.name}` === name);
  return found === undefined
    ? refuse(404, `There is no schema with the name ${name}. /api/schemas?view=list lists all.`)
    : ok({
        ...row(found),
        id: digits(found.name, 16),
        lattice: `${found.namespace}.${found.name.toLowerCase()}`,
        fields: found.fields.map(([field, type, description, flags = '']) => ({
          name: field, type, description, isOptional: flags.includes('optional'), isPrivate: flags.includes('private'), isTokenized: flags.includes('tokenized'),
          audiences: flags.includes('private') ? ['clinicians', 'auditors'] : [],
          ...(type === 'Location' && { fields: locationFields }),
          values: type === 'Method' ? ['PUT', 'POST', 'PATCH', 'DELETE'] : type === 'Currency' ? ['SEK', 'EUR', 'USD'] : [],
        })),
      });
}

function sourceOf(file: string): string {
  const lines = all()
    .filter((schema) => schema.file === file)
    .map(({ name, description, fields }) => `  ${name}:\n    description: "${description}"\n    fields:\n${fields.map(([field, type]) => `      ${field}: { type: ${type} }`).join('\n')}`);
  return `version: "1.0"\nnamespace: acme\n\nschemas:\n${lines.join('\n')}\n`;
}
