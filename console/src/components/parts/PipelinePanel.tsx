import type { Pipeline } from '../../api/types';
import { formatBytes, formatCount, formatRate } from '../../format/number';
import type { PartFigure } from './PartItem';
import { RunningParts } from './RunningParts';

/** The pipelines that files declare; a host without any has no such panel. */
export function PipelinePanel({ pipelines }: { pipelines: readonly Pipeline[] }) {
  return (
    <RunningParts
      id="pipelines"
      title="Pipelines"
      what="Pipeline"
      parts={pipelines}
      kindOf={({ queue, output }) => `${queue} → ${output}`}
      figuresOf={figuresOf}
    />
  );
}

/** Late and dropped events are those of stages that remember: where there are none, there is nothing to say. */
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
