import { useMemo, useRef } from 'react';
import { hostNow } from '../../api/hostClock';
import { pollMsOf, spanOf } from '../../state/timeRange';
import { useNow } from '../../state/useNow';
import type { TimeState } from '../../state/useTimeRange';
import type { DashboardTime } from '../types';

const hourMs = 3_600_000;

/** The time range of all widgets of a dashboard. The end of a live range advances each time its charts ask again, and is fixed while the dashboard is paused. */
export function useDashboardTime({ range, paused }: TimeState): DashboardTime {
  const everyMs = pollMsOf(range);
  const now = useNow(everyMs ?? hourMs, everyMs !== null && !paused);
  const pausedAt = useRef<{ range: unknown; now: number } | null>(null);
  // A new range that is chosen while the dashboard is paused ends now.
  pausedAt.current = paused ? (pausedAt.current?.range === range ? pausedAt.current : { range, now }) : null;
  const end = pausedAt.current?.now ?? now;
  return useMemo(() => ({ ...spanOf(range, hostNow(end)), isLive: range.kind === 'last', isPaused: paused }), [range, end, paused]);
}
