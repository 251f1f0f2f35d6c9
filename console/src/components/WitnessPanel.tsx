import type { QueueWitness } from '../api/types';
import { formatCount, formatRate } from '../format/number';
import { formatClockOfMs } from '../format/time';
import { Panel } from './Panel';
import type { PartFigure } from './PartItem';
import { PartItem } from './PartItem';
import { useAnnouncedStates } from './useAnnouncedStates';

/** The queues whose messages are attested; a host without any has no such panel. */
export function WitnessPanel({ witnesses }: { witnesses: readonly QueueWitness[] }) {
  useAnnouncedStates('Witness of', witnesses);
  const running = witnesses.filter((witness) => witness.state === 'running').length;
  return (
    <Panel id="witnesses" title="Witnesses" note={`${running} of ${witnesses.length} running`}>
      <ul className="parts">
        {witnesses.map((witness) => (
          <PartItem
            key={witness.name}
            name={witness.name}
            kind="attested with ML-DSA-87"
            mark={witness.state === 'running' ? 'healthy' : 'degraded'}
            state={witness.state}
            detail={witness.detail}
            figures={figuresOf(witness)}
          />
        ))}
      </ul>
    </Panel>
  );
}

function figuresOf({ ratePerSecond, attestedTotal, waiting, lastAttestedAt }: QueueWitness): PartFigure[] {
  return [
    { label: 'Attested/s', value: formatRate(ratePerSecond) },
    { label: 'Attested', value: formatCount(attestedTotal) },
    { label: 'Waiting', value: formatCount(waiting) },
    ...(lastAttestedAt === null ? [] : [{ label: 'Last', value: formatClockOfMs(lastAttestedAt) }]),
  ];
}
