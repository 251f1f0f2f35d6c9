import type { Circuit, Observation } from '../../api/types';
import { formatBytes, formatCount, formatMs, formatSeconds } from '../../format/number';
import { CircuitGraph } from './CircuitGraph';
import type { PartFigure } from './PartItem';
import { RunningParts } from './RunningParts';

/** The circuits and their resource usage; hidden if there are none. */
export function CircuitPanel({ circuits }: { circuits: readonly Circuit[] }) {
  return (
    <RunningParts
      id="circuits"
      title="Circuits"
      parts={circuits}
      kindOf={({ version, outputs, tenant }) => `${version} → ${outputs.join(', ')} · ${tenant}`}
      figuresOf={figuresOf}
      alsoRunning={['breached']}
      moreOf={({ name, version }) => <CircuitGraph key={version} name={name} />}
    />
  );
}

function figuresOf({ usage, failures, serviceLevels, observations }: Circuit): PartFigure[] {
  return [
    { label: 'Operations', value: formatCount(usage.operations) },
    { label: 'CPU', value: formatSeconds(usage.cpuNanos / 1e9) },
    { label: 'In', value: formatBytes(usage.ingressBytes) },
    { label: 'Out', value: formatBytes(usage.egressBytes) },
    { label: 'Storage', value: formatBytes(usage.storageBytes) },
    { label: 'Memory', value: formatBytes(usage.memoryBytes) },
    ...observations.flatMap((stream) => figuresOfStream(stream, observations.length > 1)),
    ...(usage.proofs > 0 ? [{ label: 'Proofs', value: formatCount(usage.proofs) }] : []),
    ...serviceLevels.map(({ name, promised, measured, isKept }) => ({
      label: `${name.charAt(0).toUpperCase()}${name.slice(1)} (${promised})`,
      value: measured === '' ? '–' : measured,
      warn: !isKept,
    })),
    ...(failures > 0 ? [{ label: 'Failures', value: formatCount(failures), warn: true }] : []),
  ];
}

/** The observation level and latencies of an output stream; with the output name if the circuit has several outputs. */
function figuresOfStream({ output, level, effective, tracedTotal, p50Ms, p99Ms }: Observation, isNamed: boolean): PartFigure[] {
  const of = isNamed ? ` (${output})` : '';
  return [
    ...(p50Ms === null ? [] : [{ label: `p50${of}`, value: formatMs(p50Ms) }]),
    ...(p99Ms === null ? [] : [{ label: `p99${of}`, value: formatMs(p99Ms) }]),
    { label: `Observed${of}`, value: effective === level ? level : `${level}, limited to ${effective}` },
    ...(tracedTotal > 0 ? [{ label: `Traced${of}`, value: formatCount(tracedTotal) }] : []),
  ];
}
