import { useEffect, useMemo, useRef, type KeyboardEvent } from 'react';
import type uPlot from 'uplot';
import type { SeriesUnit } from '../../api/history';
import { alignedData, timesOf, type ChartLine } from './historyData';
import { historyOptions, type Threshold } from './historyOptions';
import { mountPlot } from './plot';

interface Props {
  lines: readonly ChartLine[];
  unit: SeriesUnit;
  thresholds: readonly Threshold[];
  /** The shown span in epoch milliseconds. */
  from: number;
  to: number;
  /** The name of the chart, for screen readers. */
  label: string;
  /** The value under the cursor as text, for screen readers. */
  valueText: string;
  /** Changes with the colours, because the canvas must be drawn again. */
  palette: string;
  cursor: number | null;
  onCursor: (index: number | null) => void;
  /** Called with a new span in epoch milliseconds. */
  onZoom: (from: number, to: number) => void;
}

const page = 10;

/**
 * The canvas of a history chart. React owns the element, uPlot the canvas inside it. With the keyboard it is a slider: ← → PageUp
 * PageDown Home End move the cursor, + zooms in around it, − zooms out.
 */
export function HistoryPlot(props: Props) {
  const { lines, unit, thresholds, from, to, palette } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const shape = JSON.stringify([lines.map(({ label }) => label), unit, thresholds]);

  useEffect(() => {
    const element = host.current!;
    const [labels, shownUnit, limits] = JSON.parse(shape) as [string[], SeriesUnit, Threshold[]];
    const options = historyOptions({
      host: element,
      labels,
      unit: shownUnit,
      thresholds: limits,
      onZoom: (start, end) => latest.current.onZoom(start * 1000, end * 1000),
      onCursor: (index) => latest.current.onCursor(index),
    });
    const { chart, stop } = mountPlot(element, options);
    plot.current = chart;
    return () => {
      stop();
      plot.current = null;
    };
  }, [shape, palette]);

  useEffect(() => {
    plot.current?.batch(() => {
      plot.current?.setData(alignedData(lines.map(({ series }) => series)), false);
      plot.current?.setScale('x', { min: from / 1000, max: to / 1000 });
    });
  }, [lines, from, to, shape, palette]);

  const moveTo = (index: number) => {
    const chart = plot.current;
    const times = chart?.data[0];
    if (chart && times && times.length > 0) {
      const next = Math.min(Math.max(index, 0), times.length - 1);
      chart.setCursor({ left: chart.valToPos(times[next]!, 'x'), top: 0 });
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const count = plot.current?.data[0].length ?? 0;
    const at = props.cursor ?? count - 1;
    const steps: Record<string, number> = { ArrowLeft: at - 1, ArrowRight: at + 1, PageUp: at - page, PageDown: at + page, Home: 0, End: count - 1 };
    const step = steps[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    if (step !== undefined) {
      event.preventDefault();
      moveTo(step);
    } else if (event.key === '+' || event.key === '-') {
      event.preventDefault();
      const middle = (plot.current?.data[0][at] ?? (from + to) / 2000) * 1000;
      const half = (to - from) * (event.key === '+' ? 0.25 : 1);
      props.onZoom(middle - half, middle + half);
    }
  };

  const last = useMemo(() => Math.max(timesOf(lines.map(({ series }) => series)).length - 1, 0), [lines]);
  return (
    <div
      ref={host}
      className="chart history-plot"
      role="slider"
      tabIndex={0}
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={Math.min(props.cursor ?? last, last)}
      aria-valuetext={props.valueText}
      onKeyDown={onKeyDown}
      onBlur={() => plot.current?.setCursor({ left: -1, top: -1 })}
    />
  );
}
