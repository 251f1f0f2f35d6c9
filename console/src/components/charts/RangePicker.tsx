import { hostNow } from '../../api/hostClock';
import { formatMoment } from '../../format/moment';
import { moved, rangeLengths, zoomedOut } from '../../state/timeRange';
import type { TimeState } from '../../state/useTimeRange';
import { CustomRange } from './CustomRange';

const halfBack = -0.5;
const halfForward = 0.5;

/** The choice of the time that the charts of a page show. */
export function RangePicker({ time }: { time: TimeState }) {
  const { range, setRange, paused, setPaused } = time;
  return (
    <div className="range-picker" role="group" aria-label="Time range">
      <label>
        <span className="visually-hidden">Range</span>
        <select
          value={range.kind === 'last' ? range.name : ''}
          onChange={({ target }) => setRange({ kind: 'last', name: target.value })}
        >
          {range.kind === 'fixed' && <option value="">{`${formatMoment(range.from)} – ${formatMoment(range.to)}`}</option>}
          {Object.keys(rangeLengths).map((name) => (
            <option key={name} value={name}>
              Last {name}
            </option>
          ))}
        </select>
      </label>
      <button type="button" className="button" aria-label="Earlier" title="Earlier" onClick={() => setRange(moved(range, halfBack, hostNow()))}>
        <svg viewBox="0 0 10 10" aria-hidden="true">
          <path d="M7.5 0.5v9L1.5 5z" />
        </svg>
      </button>
      <button type="button" className="button" aria-label="Later" title="Later" disabled={range.kind === 'last'} onClick={() => setRange(moved(range, halfForward, hostNow()))}>
        <svg viewBox="0 0 10 10" aria-hidden="true">
          <path d="M2.5 0.5v9l6-4.5z" />
        </svg>
      </button>
      <button type="button" className="button" aria-label="Zoom out" title="Zoom out" onClick={() => setRange(zoomedOut(range, hostNow()))}>
        <svg viewBox="0 0 10 10" aria-hidden="true">
          <path d="M0.5 4h9v2h-9z" />
        </svg>
      </button>
      <CustomRange range={range} onRange={setRange} />
      <button
        type="button"
        className="button"
        data-paused={paused ? '' : undefined}
        aria-pressed={paused}
        disabled={range.kind === 'fixed'}
        onClick={() => setPaused(!paused)}
      >
        {paused ? 'Paused' : 'Pause'}
      </button>
    </div>
  );
}
