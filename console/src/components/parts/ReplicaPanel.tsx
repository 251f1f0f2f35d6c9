import type { Replica } from '../../api/types';
import { formatCount } from '../../format/number';
import { RunningParts } from './RunningParts';

/** The replicas of queues and maps; hidden if there are none. */
export function ReplicaPanel({ parts }: { parts: readonly Replica[] }) {
  return (
    <RunningParts
      id="replicas"
      title="Replicas"
      parts={parts}
      kindOf={({ source, folder }) => `${source} · ${folder}`}
      figuresOf={({ copiedTotal, lagMessages }) => [
        { label: 'Copied', value: formatCount(copiedTotal) },
        { label: 'Lag', value: formatCount(lagMessages) },
      ]}
    />
  );
}
