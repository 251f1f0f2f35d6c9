import { useCallback, useMemo } from 'react';
import { fetchSeriesNames } from '../../../api/history';
import { StatusError } from '../../../api/http';
import { HistoryChart } from '../../../components/charts/HistoryChart';
import { AnswerError } from '../../../components/page/AnswerError';
import { EmptyState } from '../../../components/page/EmptyState';
import { useFetch } from '../../../live/useFetch';
import type { DashboardTime } from '../../types';
import { Reading } from './Reading';
import { useWidgetTime } from './useWidgetTime';

interface Props {
  title: string;
  /** A text in the names of all series, such as `queue/`. */
  prefix: string;
  series: readonly { name: string; label: string }[];
  time: DashboardTime;
}

const seriesPollMs = 10_000;
const notFound = 404;

/** Recorded series of the dashboard's time range. Series that the host does not record are left out. */
export function HistoryFigure({ title, prefix, series, time }: Props) {
  const wanted = JSON.stringify(series);
  const load = useCallback((signal: AbortSignal) => fetchSeriesNames(prefix, signal), [prefix]);
  const { data: names, error, reload } = useFetch(load, { everyMs: (known) => (known !== null && recordedOf(series, known).length < series.length ? seriesPollMs : undefined), paused: time.isPaused });
  const shown = useMemo(() => recordedOf(JSON.parse(wanted) as Props['series'], names ?? []), [wanted, names]);
  const { zoomOut, ...state } = useWidgetTime(time);
  const isOff = error instanceof StatusError && error.status === notFound;
  if (names === null && !isOff) {
    return error === null ? <Reading /> : <AnswerError what="The history" error={error} onRetry={reload} />;
  }
  if (shown.length === 0) {
    return (
      <EmptyState title="No history is recorded here.">
        The host records the history unless <code>Estream:History:Enabled</code> is false. A new part has its first values after a few seconds.
      </EmptyState>
    );
  }
  return (
    <div className="bw-chart">
      <HistoryChart title={title} series={shown} time={state} />
      {zoomOut !== null && (
        <button type="button" className="button button-small" onClick={zoomOut}>
          Range of the dashboard
        </button>
      )}
    </div>
  );
}

/** The series that the host records, in the given order. */
export function recordedOf(series: Props['series'], names: readonly string[]): Props['series'] {
  const known = new Set(names);
  return series.filter(({ name }) => known.has(name));
}
