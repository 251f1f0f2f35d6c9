import type { Multicast } from '../../api/types';
import { formatBytes, formatCount } from '../../format/number';
import type { PartFigure } from './PartItem';
import { RunningParts } from './RunningParts';

/** The publishers and subscribers of queues; hidden if there are none. */
export function MulticastPanel({ parts }: { parts: readonly Multicast[] }) {
  return (
    <RunningParts
      id="multicast"
      title="Multicast"
      parts={parts}
      kindOf={kindOf}
      figuresOf={figuresOf}
      alsoRunning={['catching up']}
      moreOf={({ fallback }) => fallback !== '' && <p className="part-detail">UDP instead of AF_XDP: {fallback}</p>}
    />
  );
}

function kindOf({ role, queue, endPoint, transport }: Multicast): string {
  return [`${role} of ${queue}`, endPoint, transport].filter((word) => word !== '').join(' · ');
}

function figuresOf(part: Multicast): PartFigure[] {
  const common = [
    { label: 'Packets', value: formatCount(part.packetsTotal) },
    { label: 'Lag', value: formatBytes(part.lagBytes) },
    { label: 'NAKs', value: formatCount(part.naksTotal) },
    { label: 'Invalid', value: formatCount(part.invalidTotal), warn: part.invalidTotal > 0 },
    { label: 'Dropped', value: formatCount(part.droppedTotal), warn: part.droppedTotal > 0 },
  ];
  return part.role === 'publisher'
    ? [{ label: 'Subscribers', value: formatCount(part.receivers) }, ...common, { label: 'Sent again', value: formatCount(part.retransmitsTotal) }]
    : [...common, { label: 'Gaps', value: formatCount(part.lossesTotal) }, { label: 'Restored', value: formatCount(part.restoredTotal) }];
}
