import { useCallback, useMemo } from 'react';
import { fetchAlerts, type Alert } from '../../api/alerts';
import { fetchSeriesNames } from '../../api/history';
import { StatusError } from '../../api/http';
import { thresholdText } from '../../format/alertValue';
import { useFetch } from '../../live/useFetch';
import type { TimeState } from '../../state/useTimeRange';
import { AnswerError } from '../page/AnswerError';
import { EmptyState } from '../page/EmptyState';
import { Panel } from '../page/Panel';
import { HistoryChart } from './HistoryChart';
import { RangePicker } from './RangePicker';

export interface ChartSpec {
  title: string;
  /** The series by their names in the host, with their names on the page. */
  series: readonly { name: string; label: string }[];
}

interface Props {
  /** A text in the names of all series of the page, such as `adapter/devices/`. */
  prefix: string;
  charts: readonly ChartSpec[];
  time: TimeState;
  /** The heading of the panel. Default: History. */
  title?: string;
}

const seriesPollMs = 10_000;
const alertsPollMs = 30_000;
const notFound = 404;

/** The charts of a page with their time range. Shows only series that the host records, and the thresholds of alert rules. */
export function HistoryCharts({ prefix, charts, time, title = 'History' }: Props) {
  const { data: known, error, reload } = useFetch(useCallback((signal: AbortSignal) => fetchSeriesNames(prefix, signal), [prefix]), {
    // A new part has no series yet.
    everyMs: (names) => (names !== null && recorded(charts, names).length === 0 ? seriesPollMs : undefined),
  });
  // Without alerts, the charts have no thresholds.
  const { data: alerts } = useFetch<Alert[]>(fetchAlerts, { everyMs: alertsPollMs });
  const shown = useMemo(() => recorded(charts, known ?? []), [charts, known]);

  return (
    <Panel id="history" title={title} tools={<RangePicker time={time} />}>
      {error !== null && !(error instanceof StatusError && error.status === notFound) ? (
        <AnswerError what="The history" error={error} onRetry={reload} />
      ) : shown.length > 0 ? (
        <div className="charts">
          {shown.map((chart) => (
            <HistoryChart key={chart.title} title={chart.title} series={chart.series} time={time} thresholds={thresholdsOf(chart, alerts ?? [])} />
          ))}
        </div>
      ) : (
        (known !== null || error !== null) && (
          <EmptyState title="No history is recorded here.">
            The host records the history unless <code>Estream:History:Enabled</code> is false. A new part has its first values after a few seconds.
          </EmptyState>
        )
      )}
    </Panel>
  );
}

/** The charts with the series that the host records; a chart without a recorded series is left out. */
function recorded(charts: readonly ChartSpec[], names: readonly string[]): ChartSpec[] {
  const known = new Set(names);
  return charts.map((chart) => ({ ...chart, series: chart.series.filter(({ name }) => known.has(name)) })).filter(({ series }) => series.length > 0);
}

function thresholdsOf({ series }: ChartSpec, alerts: readonly Alert[]) {
  return alerts
    .filter((alert) => series.some(({ name }) => name === alert.series))
    .map((alert) => ({ value: alert.threshold, label: `${alert.name}: ${thresholdText({ ...alert, value: null })}` }));
}
