import type { Circuit } from '../api/types';
import { formatBytes, formatCount, formatSeconds } from '../format/number';
import { Panel } from './Panel';
import type { PartFigure } from './PartItem';
import { PartItem } from './PartItem';
import { useAnnouncedStates } from './useAnnouncedStates';

/** The circuits and what they have used; a host without any has no such panel. */
export function CircuitPanel({ circuits }: { circuits: readonly Circuit[] }) {
  useAnnouncedStates('Circuit', circuits);
  const running = circuits.filter((circuit) => circuit.state === 'running').length;
  return (
    <Panel id="circuits" title="Circuits" note={`${running} of ${circuits.length} running`}>
      <ul className="parts">
        {circuits.map((circuit) => (
          <PartItem
            key={circuit.name}
            name={circuit.name}
            kind={`${circuit.version} → ${circuit.outputs.join(', ')} · ${circuit.tenant}`}
            mark={circuit.state === 'running' ? 'healthy' : 'degraded'}
            state={circuit.state}
            detail={circuit.detail}
            figures={figuresOf(circuit)}
          />
        ))}
      </ul>
    </Panel>
  );
}

function figuresOf({ usage, failures }: Circuit): PartFigure[] {
  return [
    { label: 'Operations', value: formatCount(usage.operations) },
    { label: 'CPU', value: formatSeconds(usage.cpuNanos / 1e9) },
    { label: 'In', value: formatBytes(usage.ingressBytes) },
    { label: 'Out', value: formatBytes(usage.egressBytes) },
    { label: 'Storage', value: formatBytes(usage.storageBytes) },
    { label: 'Memory', value: formatBytes(usage.memoryBytes) },
    ...(usage.proofs > 0 ? [{ label: 'Proofs', value: formatCount(usage.proofs) }] : []),
    ...(failures > 0 ? [{ label: 'Failures', value: formatCount(failures), warn: true }] : []),
  ];
}
