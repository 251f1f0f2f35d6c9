import type uPlot from 'uplot';
import { formatRate } from '../../format/number';
import { historySeconds } from '../../live/rateHistory';
import { axisOf, colourReader } from './plot';
import { seriesStyle } from './seriesStyle';

/** The smallest maximum of the y axis, in messages per second, so that noise does not look like a change. */
const lowestTop = 10;
const headroom = 1.15;

interface Setup {
  host: HTMLElement;
  names: readonly string[];
  onCursor: (index: number | null) => void;
}

/** Options for one y axis and sixty seconds that end at the newest sample, with colours from the style sheet. */
export function chartOptions({ host, names, onCursor }: Setup): Omit<uPlot.Options, 'width' | 'height'> {
  const colour = colourReader(host);
  const axis = axisOf(host, colour);
  return {
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: false, range: (_plot, _min, max) => [max - historySeconds, max] },
      y: { range: (_plot, _min, max) => [0, Math.max(lowestTop, (max ?? 0) * headroom)] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 24, gap: 6, splits: everyQuarter, values: (plot, splits) => splits.map((at) => ago(plot, at)) },
      { ...axis, size: 56, gap: 6, values: (_plot, splits) => splits.map(formatRate) },
    ],
    series: [
      {},
      ...names.map((label, index): uPlot.Series => {
        const { colour: name, width, dash } = seriesStyle(index);
        const fill = index === 0 && { fill: colour('--accent-wash') };
        return { label, stroke: colour(name), width, dash, ...fill, points: { show: false }, spanGaps: false };
      }),
    ],
    hooks: { setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)] },
  };
}

function everyQuarter(plot: uPlot): number[] {
  const newest = plot.scales.x?.max ?? 0;
  return [60, 45, 30, 15, 0].map((seconds) => newest - seconds);
}

function ago(plot: uPlot, at: number): string {
  const seconds = Math.round((plot.scales.x?.max ?? 0) - at);
  return seconds === 0 ? 'now' : `−${seconds} s`;
}
