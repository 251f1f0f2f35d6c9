import type { Trace } from '../../api/circuits';
import { CopyButton } from '../../components/page/CopyButton';
import { formatDuration } from '../../format/unit';

const barWidth = 200;

/** The nodes that a message went through, each with the time that it took, as bars on one scale. */
export function TraceSteps({ trace: { traceId, steps, processedUs, leftOut } }: { trace: Trace }) {
  const scale = barWidth / Math.max(processedUs, 1);
  return (
    <div className="trace">
      <p className="soft">
        {traceId} <CopyButton text={traceId} what="trace id" />
      </p>
      <ol>
        {steps.map(({ place, afterUs }, index) => {
          const before = steps[index - 1]?.afterUs ?? 0;
          return (
            <li key={`${index} ${place}`}>
              <span>{place}</span>
              <svg viewBox={`0 0 ${barWidth} 8`} width={barWidth} height="8" aria-hidden="true">
                <rect className="trace-bar" x={before * scale} y="0" width={Math.max((afterUs - before) * scale, 1)} height="8" />
              </svg>
              <span>{formatDuration((afterUs - before) / 1e6)}</span>
            </li>
          );
        })}
      </ol>
      {leftOut > 0 && <p className="soft">{leftOut} more steps are not in the trace.</p>}
    </div>
  );
}
