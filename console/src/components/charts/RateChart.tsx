import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { RateHistory } from '../../live/rateHistory';
import { chartOptions } from './chartOptions';

interface Props {
  history: RateHistory;
  names: readonly string[];
  /** The chart as text, for screen readers. */
  description: string;
  /** Changes with the colours, because the canvas must be drawn again. */
  palette: string;
  onCursor: (index: number | null) => void;
}

/** The rate of every queue over the last minute. React owns the element, uPlot the canvas inside it. */
export function RateChart({ history, names, description, palette, onCursor }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const key = names.join('\n');

  useEffect(() => {
    const element = host.current!;
    const chart = new uPlot(chartOptions({ host: element, names: key.split('\n'), onCursor }), [[]], element);
    const resize = new ResizeObserver(() =>
      chart.setSize({ width: Math.max(element.clientWidth, 1), height: Math.max(element.clientHeight, 1) }),
    );
    resize.observe(element);
    plot.current = chart;
    return () => {
      resize.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [key, palette, onCursor]);

  useEffect(() => {
    const series = key.split('\n').map((name) => [...(history.rates.get(name) ?? [])]);
    plot.current?.setData([[...history.times], ...series]);
  }, [history, key, palette]);

  return <div ref={host} className="chart" role="img" aria-label={description} />;
}
