import type uPlot from 'uplot';
import type { SeriesUnit } from '../../api/history';
import { formatUnit } from '../../format/unit';
import { columnsOf } from './historyData';
import { axisOf, colourReader } from './plot';
import { seriesStyle } from './seriesStyle';

/** A horizontal line, such as the threshold of an alert. */
export interface Threshold {
  value: number;
  label: string;
}

interface Setup {
  host: HTMLElement;
  labels: readonly string[];
  unit: SeriesUnit;
  thresholds: readonly Threshold[];
  /** Called after a drag, in seconds. */
  onZoom: (from: number, to: number) => void;
  onCursor: (index: number | null) => void;
}

const headroom = 1.1;
/** More lines than this are drawn without the band between minimum and maximum. */
const mostBands = 3;
const shortestDragPx = 8;

/** Options for one y axis with a unit, and a line with its band for each series. */
export function historyOptions({ host, labels, unit, thresholds, onZoom, onCursor }: Setup): Omit<uPlot.Options, 'width' | 'height'> {
  const colour = colourReader(host);
  const axis = axisOf(host, colour);
  const hasBands = labels.length <= mostBands;
  const hidden: uPlot.Series = { show: hasBands, stroke: 'transparent', points: { show: false }, spanGaps: false };
  return {
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false, dist: shortestDragPx, setScale: false }, points: { size: 7 } },
    scales: {
      x: { time: true },
      y: { range: (plot, _min, max) => [0, top(Math.max(max ?? 0, ...labels.map((_, index) => largest(plot.data[columnsOf(index).max]))), thresholds)] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 24, gap: 6, space: 72, values: timeLabels },
      { ...axis, size: 64, gap: 6, space: 28, ...incrementsOf(unit), values: (_plot, splits) => splits.map((value) => formatUnit(value, unit)) },
    ],
    series: [
      {},
      ...labels.flatMap((label, index): uPlot.Series[] => {
        const { colour: name, width, dash } = seriesStyle(index);
        return [hidden, hidden, { label, stroke: colour(name), width, dash, points: { show: false }, spanGaps: false }];
      }),
    ],
    bands: hasBands ? labels.map((_, index) => ({ series: [columnsOf(index).max, columnsOf(index).min], fill: faded(colour(seriesStyle(index).colour)) })) : [],
    hooks: {
      setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width >= shortestDragPx) {
            onZoom(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'));
          }
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      draw: [(plot) => drawThresholds(plot, thresholds, colour('--warn'), axis.font)],
    },
  };
}

/** Steps between the lines of the grid that are round numbers in the unit; those of uPlot are decimal. */
function incrementsOf(unit: SeriesUnit): Pick<uPlot.Axis, 'incrs'> {
  if (unit === 'bytes') {
    return { incrs: Array.from({ length: 50 }, (_, power) => 2 ** power) };
  }
  return unit === 'seconds' ? { incrs: [...smallSteps, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 43_200, 86_400] } : {};
}

const smallSteps = [-6, -5, -4, -3, -2, -1].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));

/** The axis includes the maximum of each line, even if the chart has no bands, because the legend shows the maximum. */
function largest(values: uPlot.AlignedData[number] = []): number {
  return [...values].reduce<number>((found, value) => Math.max(found, value ?? 0), 0);
}

function top(max: number, thresholds: readonly Threshold[]): number {
  const highest = Math.max(max, ...thresholds.map(({ value }) => value));
  return highest <= 0 ? 1 : highest * headroom;
}

function drawThresholds(plot: uPlot, thresholds: readonly Threshold[], stroke: string, font: string): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.fillStyle = stroke;
  ctx.lineWidth = scale;
  ctx.setLineDash([4 * scale, 4 * scale]);
  ctx.font = font.replace(/^\d+/, (size) => String(Number(size) * scale));
  ctx.textAlign = 'right';
  ctx.textBaseline = 'bottom';
  for (const { value, label } of thresholds) {
    const y = Math.round(plot.valToPos(value, 'y', true));
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.fillText(label, bbox.left + bbox.width - 4 * scale, y - 4 * scale);
  }
  ctx.restore();
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clockSeconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** Local times: with seconds for a short range, the day at each midnight. */
function timeLabels(_plot: uPlot, splits: number[], _axis: number, _space: number, incr: number): string[] {
  return splits.map((seconds) => {
    const ms = seconds * 1000;
    const text = incr < 60 ? clockSeconds.format(ms) : clock.format(ms);
    return incr >= 86_400 || text === '00:00' ? day.format(ms) : text;
  });
}

function faded(colour: string): string {
  return colour.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.14)');
}
