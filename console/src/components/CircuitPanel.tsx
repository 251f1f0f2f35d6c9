import type { Circuit } from '../api/types';
import { formatBytes, formatCount, formatSeconds } from '../format/number';
import type { PartFigure } from './PartItem';
import { RunningParts } from './RunningParts';

/** The circuits and what they have used; a host without any has no such panel. */
export function CircuitPanel({ circuits }: { circuits: readonly Circuit[] }) {
  return (
    <RunningParts
      id="circuits"
      title="Circuits"
      what="Circuit"
      parts={circuits}
      kindOf={({ version, outputs, tenant }) => `${version} → ${outputs.join(', ')} · ${tenant}`}
      figuresOf={figuresOf}
    />
  );
}

function figuresOf({ usage, failures, serviceLevels }: Circuit): PartFigure[] {
  return [
    { label: 'Operations', value: formatCount(usage.operations) },
    { label: 'CPU', value: formatSeconds(usage.cpuNanos / 1e9) },
    { label: 'In', value: formatBytes(usage.ingressBytes) },
    { label: 'Out', value: formatBytes(usage.egressBytes) },
    { label: 'Storage', value: formatBytes(usage.storageBytes) },
    { label: 'Memory', value: formatBytes(usage.memoryBytes) },
    ...(usage.proofs > 0 ? [{ label: 'Proofs', value: formatCount(usage.proofs) }] : []),
    ...serviceLevels.map(({ name, promised, measured, isKept }) => ({
      label: `${name.charAt(0).toUpperCase()}${name.slice(1)} (${promised})`,
      value: measured === '' ? '–' : measured,
      warn: !isKept,
    })),
    ...(failures > 0 ? [{ label: 'Failures', value: formatCount(failures), warn: true }] : []),
  ];
}
