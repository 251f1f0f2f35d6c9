import { useCallback, useMemo, useState } from 'react';
import { useLocation } from 'react-router';
import { defaultRange, parametersOf, rangeIn, type TimeRange } from './timeRange';
import { useUrlParameters } from './useUrlState';

/** The time range of a page and whether its charts follow the present. */
export interface TimeState {
  range: TimeRange;
  setRange: (range: TimeRange) => void;
  /** Whether the charts keep the values that they have. */
  paused: boolean;
  setPaused: (paused: boolean) => void;
}

/** The time range in the address: `?range=6h`, or `?from=` and `?to=` in epoch milliseconds. All charts of a page share it. */
export function useTimeRange(initial = defaultRange): TimeState {
  const { search } = useLocation();
  const setParameters = useUrlParameters();
  const [paused, setPaused] = useState(false);
  const range = useMemo(() => rangeIn(new URLSearchParams(search), initial), [search, initial]);
  const setRange = useCallback((next: TimeRange) => setParameters(parametersOf(next, initial)), [setParameters, initial]);
  return { range, setRange, paused, setPaused };
}
