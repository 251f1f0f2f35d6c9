import { useMemo } from 'react';
import type { SeriesUnit } from '../../api/history';
import { formatUnit } from '../../format/unit';
import { summaryOf, valueAt, type ChartLine } from './historyData';
import { SeriesSwatch } from './SeriesSwatch';

interface Props {
  label: string;
  lines: readonly ChartLine[];
  unit: SeriesUnit;
  /** The time under the cursor in epoch milliseconds; null without one. */
  at: number | null;
  hidden: ReadonlySet<string>;
  onToggle: (name: string) => void;
}

/** Legend of a history chart and also its text alternative: the numbers of each line in the range. A line can be hidden. */
export function HistoryLegend({ label, lines, unit, at, hidden, onToggle }: Props) {
  const summaries = useMemo(() => lines.map(({ series }) => summaryOf(series)), [lines]);
  const text = (value: number | null | undefined): string => (value === null || value === undefined ? '–' : formatUnit(value, unit));
  return (
    <table className="figures history-legend">
      <caption className="visually-hidden">{label}: values in the shown range</caption>
      <thead>
        <tr>
          <th scope="col">Series</th>
          <th scope="col">{at === null ? 'Newest' : 'At the cursor'}</th>
          <th scope="col" title="The smallest recorded value; the line shows the mean of each step">
            Min
          </th>
          <th scope="col">Mean</th>
          <th scope="col" title="The largest recorded value; the line shows the mean of each step">
            Max
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ label: name, series }, index) => {
          const summary = summaries[index];
          const isHidden = hidden.has(series.name);
          return (
            <tr key={series.name} data-series={series.name} data-hidden={isHidden ? '' : undefined}>
              <th scope="row">
                <button type="button" className="legend-toggle" aria-pressed={!isHidden} disabled={lines.length === 1} onClick={() => onToggle(series.name)}>
                  <SeriesSwatch index={index} />
                  {name}
                </button>
              </th>
              <td data-figure="at">{text(at === null ? summary?.last : valueAt(series, at))}</td>
              <td>{text(summary?.min)}</td>
              <td>{text(summary?.mean)}</td>
              <td data-figure="max">{text(summary?.max)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
