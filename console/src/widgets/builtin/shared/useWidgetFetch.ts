import { useIsLive } from '../../../live/LiveContext';
import { useFetch, type Fetched } from '../../../live/useFetch';
import type { DashboardTime } from '../../types';

/** The shortest time between two requests of a widget. */
export const widgetPollMs = 2000;

/** The same for the newest messages of a queue, which are asked for only after the live overview has shown that there are some. */
export const livePollMs = 1000;

/** The answer of the host to `load`, asked for again every two seconds or more rarely. A paused dashboard asks only for the first answer. */
export function useWidgetFetch<T>(load: ((signal: AbortSignal) => Promise<T>) | null, { isPaused }: DashboardTime, everyMs: number | ((data: T | null) => number | undefined) = widgetPollMs): Fetched<T> {
  return useFetch(load, { everyMs, active: useIsLive(), paused: isPaused });
}
