import { useCallback, useMemo, useState } from 'react';
import { hostNow } from '../../api/hostClock';
import { fetchHistory, type HistorySeries, type SeriesUnit } from '../../api/history';
import { formatUnit } from '../../format/unit';
import { formatMoment } from '../../format/moment';
import { useFetch } from '../../live/useFetch';
import { usePalette } from '../../state/PaletteContext';
import { fixedRange, pollMsOf, spanOf } from '../../state/timeRange';
import type { TimeState } from '../../state/useTimeRange';
import { AnswerError } from '../page/AnswerError';
import { newestOf, timesOf, valueAt, type ChartLine } from './historyData';
import { HistoryLegend } from './HistoryLegend';
import type { Threshold } from './historyOptions';
import { HistoryPlot } from './HistoryPlot';

interface Props {
  /** What the chart shows, such as "Lag of orders". */
  title: string;
  /** The series by their names in the host, with their names on the page. All have the same unit. */
  series: readonly { name: string; label: string }[];
  thresholds?: readonly Threshold[];
  time: TimeState;
}

const noThresholds: readonly Threshold[] = [];
const noneHidden: ReadonlySet<string> = new Set();

/** Recorded values of one or several series: lines with the band between minimum and maximum, thresholds, and a legend. */
export function HistoryChart({ title, series, thresholds = noThresholds, time }: Props) {
  const { range, setRange, paused } = time;
  const palette = usePalette();
  const [cursor, setCursor] = useState<number | null>(null);
  const [hidden, setHidden] = useState(noneHidden);
  const key = JSON.stringify(series.map(({ name }) => name));
  const load = useCallback(
    (signal: AbortSignal) => fetchHistory({ series: JSON.parse(key) as string[], ...spanOf(range, hostNow()) }, signal),
    [key, range],
  );
  const { data, error, reload } = useFetch(load, { everyMs: pollMsOf(range) ?? undefined, paused });

  const lines = useMemo(() => {
    const labels = new Map(series.map(({ name, label }) => [name, label]));
    return (data?.series ?? []).map((one): ChartLine => ({ label: labels.get(one.name) ?? one.name, series: one }));
  }, [data, series]);
  const drawn = useMemo(() => lines.map((line) => (hidden.has(line.series.name) ? { ...line, series: emptied(line.series) } : line)), [lines, hidden]);
  const unit = lines[0]?.series.unit ?? 'count';
  const times = useMemo(() => timesOf(lines.map((line) => line.series)), [lines]);
  const at = cursor === null ? null : (times[cursor] ?? null);
  const shown = data ?? spanOf(range, hostNow());
  const isEmpty = useMemo(() => data !== null && lines.every((line) => line.series.mean.every((value) => value === null)), [data, lines]);

  return (
    <figure className="history" data-chart={title} data-loading={data === null ? '' : undefined}>
      <figcaption className="history-title">
        {title}
        <span className="soft">{at === null ? unitText(unit) : formatMoment(at)}</span>
      </figcaption>
      {error !== null && data === null ? (
        <AnswerError what={`The history of ${title.toLowerCase()}`} error={error} onRetry={reload} />
      ) : isEmpty ? (
        <p className="history-empty soft">The host recorded no value in this time.</p>
      ) : (
        <>
          <HistoryPlot
            lines={drawn}
            unit={unit}
            thresholds={thresholds}
            from={shown.from}
            to={shown.to}
            label={`${title}. Arrow keys move through time, plus and minus zoom.`}
            valueText={describe(lines, unit, at)}
            palette={palette}
            cursor={cursor}
            onCursor={setCursor}
            onZoom={(from, to) => setRange(fixedRange(from, to, hostNow()))}
          />
          {lines.length > 0 && (
            <HistoryLegend label={title} lines={lines} unit={unit} at={at} hidden={hidden} onToggle={(name) => setHidden((before) => toggled(before, name))} />
          )}
        </>
      )}
    </figure>
  );
}

/** The values at a time, or the newest ones, as one sentence. */
function describe(lines: readonly ChartLine[], unit: SeriesUnit, at: number | null): string {
  const values = lines.map(({ label, series }) => {
    const value = at === null ? newestOf(series.mean) : valueAt(series, at);
    return `${label} ${value === null ? 'no value' : formatUnit(value, unit)}`;
  });
  return `${at === null ? 'Newest' : formatMoment(at)}: ${values.join(', ') || 'no values'}`;
}

function unitText(unit: SeriesUnit): string {
  return { '1/s': 'per second', bytes: '', count: '', seconds: '', percent: 'of one core' }[unit];
}

function emptied(series: HistorySeries): HistorySeries {
  const none = series.times.map(() => null);
  return { ...series, min: none, mean: none, max: none };
}

function toggled(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(names);
  if (!next.delete(name)) {
    next.add(name);
  }
  return next;
}
