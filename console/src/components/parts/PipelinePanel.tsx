import type { Pipeline } from '../../api/types';
import { formatBytes, formatCount, formatRate } from '../../format/number';
import type { PartFigure } from './PartItem';
import { RunningParts } from './RunningParts';

/** The pipelines that files declare; hidden if there are none. */
export function PipelinePanel({ pipelines }: { pipelines: readonly Pipeline[] }) {
  return (
    <RunningParts
      id="pipelines"
      title="Pipelines"
      parts={pipelines}
      kindOf={({ queue, output }) => `${queue} → ${output}`}
      figuresOf={figuresOf}
    />
  );
}

/** Only stages with state count late and dropped events, so both are shown only if above zero. */
function figuresOf({ ratePerSecond, readTotal, rejectedTotal, lateTotal, droppedTotal, lagBytes }: Pipeline): PartFigure[] {
  return [
    { label: 'Read/s', value: formatRate(ratePerSecond) },
    { label: 'Read', value: formatCount(readTotal) },
    { label: 'Rejected', value: formatCount(rejectedTotal), warn: rejectedTotal > 0 },
    ...(lagBytes > 0 ? [{ label: 'Lag', value: formatBytes(lagBytes) }] : []),
    ...(lateTotal > 0 ? [{ label: 'Late', value: formatCount(lateTotal) }] : []),
    ...(droppedTotal > 0 ? [{ label: 'Dropped', value: formatCount(droppedTotal) }] : []),
  ];
}
