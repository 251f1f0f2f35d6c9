import { useMemo, useState } from 'react';
import { rangeLengths, type TimeRange } from '../../../state/timeRange';
import type { TimeState } from '../../../state/useTimeRange';
import type { DashboardTime } from '../../types';

interface WidgetTime extends TimeState {
  /** Returns to the time range of the dashboard; null if the widget shows it. */
  zoomOut: (() => void) | null;
}

/** A live range may have moved a little between its two ends. */
const toleranceMs = 2000;

/** The time range of a dashboard for the charts of one widget, which can zoom in by itself. */
export function useWidgetTime({ from, to, isLive, isPaused }: DashboardTime): WidgetTime {
  const [zoomed, setZoomed] = useState<TimeRange | null>(null);
  const shared = rangeOf(from, to, isLive);
  const key = JSON.stringify(shared);
  const range = useMemo(() => zoomed ?? (JSON.parse(key) as TimeRange), [zoomed, key]);
  return useMemo(
    () => ({ range, setRange: setZoomed, paused: isPaused, setPaused: () => undefined, zoomOut: zoomed === null ? null : () => setZoomed(null) }),
    [range, isPaused, zoomed],
  );
}

/** A live range by its name, so that it does not change with each moment; any other as two times. */
export function rangeOf(from: number, to: number, isLive: boolean): TimeRange {
  const name = Object.keys(rangeLengths).find((one) => Math.abs(rangeLengths[one]! - (to - from)) <= toleranceMs);
  return isLive && name !== undefined ? { kind: 'last', name } : { kind: 'fixed', from, to };
}
