import { daily, digits, hash, walk } from './noise.ts';
import type { MockState } from './state.ts';
import { ok, refuse, type MockAnswer } from './wire.ts';

interface CircuitFact {
  name: string;
  version: string;
  tenant: string;
  state: string;
  detail: string;
  description: string;
  places: [name: string, kind: string, schema: string, at: string | null][];
  flows: [string, string][];
  broken?: string;
}

export const circuits: readonly CircuitFact[] = [
  {
    name: 'settle', version: '2.1.0', tenant: 'treasury', state: 'running', detail: '', description: 'Nets executions to settlements per account',
    places: [
      ['orders', 'input', 'FixNewOrderSingle', 'orders'], ['executions', 'input', 'FixExecutionReport', 'executions'], ['end-of-day', 'timer', 'TimerTick', null],
      ['match', 'join', 'Match', null], ['net', 'reduce', 'Settlement', null], ['check', 'filter', 'Settlement', null],
      ['settlements', 'output', 'Settlement', 'settlements'], ['settlement-errors', 'output', 'Settlement', 'settlement-errors'], ['balances', 'output', 'Settlement', 'balances'],
    ],
    flows: [['orders', 'match'], ['executions', 'match'], ['match', 'net'], ['end-of-day', 'net'], ['net', 'check'], ['check', 'settlements'], ['check', 'settlement-errors'], ['net', 'balances']],
  },
  {
    name: 'risk', version: '1.4.2', tenant: 'treasury', state: 'breached', detail: 'latency: 41 ms measured, 20 ms promised', description: 'Exposure per instrument', broken: 'latency',
    places: [['executions', 'input', 'FixExecutionReport', 'executions'], ['quotes', 'input', 'FixMarketData', 'quotes'], ['value', 'join', 'RiskFigure', null], ['risk', 'output', 'RiskFigure', 'risk'], ['positions', 'output', 'RiskFigure', 'positions']],
    flows: [['executions', 'value'], ['quotes', 'value'], ['value', 'risk'], ['value', 'positions']],
  },
  {
    name: 'carbon', version: '1.0.3', tenant: 'sustainability', state: 'held', detail: 'held by the limit of tenant sustainability: 2 GiB storage', description: 'Mints carbon credits from metered energy',
    places: [['energy-meters', 'input', 'IoTTelemetry', 'energy-meters'], ['hourly', 'window', 'Hour', null], ['mint', 'map', 'CarbonMint', null], ['credits', 'output', 'CarbonMint', 'credits'], ['credit-retirements', 'output', 'CarbonCredit', 'credit-retirements']],
    flows: [['energy-meters', 'hourly'], ['hourly', 'mint'], ['mint', 'credits'], ['mint', 'credit-retirements']],
  },
];

const outputsOf = (circuit: CircuitFact): string[] => circuit.places.filter(([, kind]) => kind === 'output').map(([name]) => name);

function observations(circuit: CircuitFact, state: MockState): unknown[] {
  const seconds = state.now() / 1000;
  return outputsOf(circuit).map((output, index) => {
    const level = state.levels.get(`${circuit.name}.${output}`) ?? (index === 0 ? 'L3' : 'L1');
    const p50Ms = (circuit.name === 'risk' ? 14 : 0.6) * (1 + 0.2 * walk(`${circuit.name}${output}`, seconds));
    return {
      output, level, effective: level === 'L3' && circuit.name === 'risk' ? 'L2' : level, until: level === 'L3' ? new Date(state.now() + 540_000).toISOString() : null,
      traceEvery: 100, tracedTotal: level === 'L0' ? 0 : 41_204, untracedTotal: 4_079_196, p50Ms, p99Ms: p50Ms * 2.9, p999Ms: p50Ms * 6.1,
    };
  });
}

export function circuitRow(circuit: CircuitFact, state: MockState): Record<string, unknown> {
  const seconds = (state.now() - state.startedAt) / 1000;
  return {
    name: circuit.name, version: circuit.version, tenant: circuit.tenant, state: circuit.state, detail: circuit.detail, outputs: outputsOf(circuit), failures: circuit.state === 'held' ? 2 : 0,
    usage: {
      operations: Math.floor(9_412_004 + seconds * 380), cpuNanos: 912_000_000_000, memoryBytes: 88_000_000, storageBytes: circuit.name === 'carbon' ? 2_147_483_648 : 1_200_000_000,
      ingressBytes: 4_100_000_000, egressBytes: 690_000_000, proofs: circuit.name === 'carbon' ? 18_044 : 0, retentionByteSeconds: 9e12,
    },
    serviceLevels: [
      { name: 'latency', promised: 'p99 20 ms', measured: circuit.broken === 'latency' ? 'p99 41 ms' : 'p99 2.1 ms', brokenSince: circuit.broken === 'latency' ? new Date(state.now() - 640_000).toISOString() : null },
      { name: 'throughput', promised: '200/s', measured: '412/s', brokenSince: null },
    ],
    observations: observations(circuit, state),
  };
}

export function circuitDetail(circuit: CircuitFact, state: MockState): MockAnswer {
  return ok({
    name: circuit.name, address: `lex://acme/circuits/${circuit.name}`, version: circuit.version, description: circuit.description, tenant: circuit.tenant,
    places: circuit.places.map(([name, kind, schema, at]) => ({ name, kind, schema: `acme.${schema}`, at })),
    flows: circuit.flows.map(([from, to]) => ({ from, to })),
    observations: observations(circuit, state),
  });
}

export function traces(circuit: CircuitFact, url: URL, state: MockState): MockAnswer {
  const wanted = url.searchParams.get('output') ?? '';
  const outputs = outputsOf(circuit).filter((output) => wanted === '' || output === wanted);
  if (outputs.length === 0) {
    return refuse(404, `The circuit has no output with this name. Its outputs are ${outputsOf(circuit).join(', ')}.`);
  }
  const inner = circuit.places.filter(([, , , at]) => at === null).map(([name]) => name);
  return ok(
    Array.from({ length: Math.min(Number(url.searchParams.get('last') ?? 20), 40) }, (_, index) => {
      const began = state.now() - 900 * (index + 1);
      const processed = 300 + 900 * hash(`trace${circuit.name}${Math.floor(began / 900)}`);
      const fails = index % 11 === 4;
      const input = circuit.places[0]!;
      return {
        traceId: digits(`${circuit.name}${Math.floor(began / 900)}`, 32), output: outputs[index % outputs.length], queue: input[3], sequence: `@${12_448_901 - index}`,
        appendedAt: new Date(began - 2).toISOString(), beganAt: new Date(began).toISOString(),
        steps: inner.map((place, step) => ({ place, afterUs: (processed * (step + 1)) / (inner.length + 1) })), leftOut: 0,
        processedUs: processed, permanentUs: processed * 3, outcome: fails ? 'rejected' : 'published', reason: fails ? 'field account_id is absent' : null,
      };
    }),
  );
}

export function observe(circuit: CircuitFact, url: URL, state: MockState): MockAnswer {
  const level = url.searchParams.get('level') ?? '';
  if (!/^L[0-3]$/.test(level)) {
    return refuse(400, 'level must be one of L0, L1, L2, L3.');
  }
  const output = url.searchParams.get('output') ?? '';
  for (const name of outputsOf(circuit).filter((one) => output === '' || one === output)) {
    state.levels.set(`${circuit.name}.${name}`, level);
  }
  return circuitDetail(circuit, state);
}

const pipelineFacts: [name: string, queue: string, schema: string, output: string, result: string, state: string, detail: string, rate: number][] = [
  ['hot', 'telemetry', 'IoTTelemetry', 'hot', 'Hot', 'running', '', 1180],
  ['minutes', 'hot', 'Hot', 'hot-minutes', 'Minute', 'running', '', 62],
  ['alarms', 'hot', 'Hot', 'alarms', 'Alarm', 'failing', "Queue 'alarms' cannot be written: the disk has less than Storage:MinFreeBytes (1 GiB). Free space; the pipeline then continues.", 0],
  ['order-sums', 'orders', 'FixNewOrderSingle', 'order-totals', 'OrderSum', 'running', '', 412],
];

export function pipelineRows(state: MockState): { name: string }[] {
  const ms = state.now();
  const seconds = (ms - state.startedAt) / 1000;
  const all = [
    ...pipelineFacts,
    ...circuits.flatMap((circuit) => outputsOf(circuit).map((output): (typeof pipelineFacts)[number] => [`${circuit.name}.${output}`, circuit.places[0]![3] ?? '', circuit.places[0]![2], output, 'Settlement', circuit.state === 'held' ? 'failing' : 'running', circuit.detail, 40])),
  ];
  return all.map(([name, queue, schema, output, resultSchema, mode, detail, rate]) => ({
    name, queue, schema, output, resultSchema, state: mode, detail, readTotal: Math.floor(seconds * rate * 0.8) + 4000, rejectedTotal: name === 'minutes' ? 3 : 0,
    lateTotal: name === 'minutes' ? 17 : 0, droppedTotal: 0, ratePerSecond: rate * daily(ms) * (1 + 0.15 * walk(name, ms / 1000)), lagBytes: mode === 'failing' ? 41_204_000 : name === 'hot' ? 142_912 : 0,
  }));
}
