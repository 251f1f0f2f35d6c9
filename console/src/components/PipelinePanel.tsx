import type { Pipeline } from '../api/types';
import { formatCount, formatRate } from '../format/number';
import { Panel } from './Panel';
import type { PartFigure } from './PartItem';
import { PartItem } from './PartItem';
import { useAnnouncedStates } from './useAnnouncedStates';

/** The pipelines that files declare; a host without any has no such panel. */
export function PipelinePanel({ pipelines }: { pipelines: readonly Pipeline[] }) {
  useAnnouncedStates('Pipeline', pipelines);
  const running = pipelines.filter((pipeline) => pipeline.state === 'running').length;
  return (
    <Panel id="pipelines" title="Pipelines" note={`${running} of ${pipelines.length} running`}>
      <ul className="parts">
        {pipelines.map((pipeline) => (
          <PartItem
            key={pipeline.name}
            name={pipeline.name}
            kind={`${pipeline.queue} → ${pipeline.output}`}
            mark={pipeline.state === 'running' ? 'healthy' : 'degraded'}
            state={pipeline.state}
            detail={pipeline.detail}
            figures={figuresOf(pipeline)}
          />
        ))}
      </ul>
    </Panel>
  );
}

/** Late and dropped events are those of stages that remember: where there are none, there is nothing to say. */
function figuresOf({ ratePerSecond, readTotal, rejectedTotal, lateTotal, droppedTotal }: Pipeline): PartFigure[] {
  return [
    { label: 'Read/s', value: formatRate(ratePerSecond) },
    { label: 'Read', value: formatCount(readTotal) },
    { label: 'Rejected', value: formatCount(rejectedTotal), warn: rejectedTotal > 0 },
    ...(lateTotal > 0 ? [{ label: 'Late', value: formatCount(lateTotal) }] : []),
    ...(droppedTotal > 0 ? [{ label: 'Dropped', value: formatCount(droppedTotal) }] : []),
  ];
}
