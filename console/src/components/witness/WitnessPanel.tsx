import type { QueueWitness } from '../../api/types';
import { formatCount, formatRate } from '../../format/number';
import { formatClockOfMs } from '../../format/time';
import { Attestations } from './Attestations';
import type { PartFigure } from '../parts/PartItem';
import { RunningParts } from '../parts/RunningParts';

/** The queues with a witness; hidden if there are none. */
export function WitnessPanel({ witnesses }: { witnesses: readonly QueueWitness[] }) {
  return (
    <RunningParts
      id="witnesses"
      title="Witnesses"
      parts={witnesses}
      kindOf={() => 'attested with ML-DSA-87'}
      figuresOf={figuresOf}
      moreOf={({ name, attestedTotal }) => <Attestations queue={name} attested={attestedTotal} />}
    />
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
