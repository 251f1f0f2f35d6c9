import { useEffect, useRef } from 'react';
import type uPlot from 'uplot';
import type { RateHistory } from '../../live/rateHistory';
import { chartOptions } from './chartOptions';
import { mountPlot } from './plot';

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
    const { chart, stop } = mountPlot(element, chartOptions({ host: element, names: key.split('\n'), onCursor }));
    plot.current = chart;
    return () => {
      stop();
      plot.current = null;
    };
  }, [key, palette, onCursor]);

  useEffect(() => {
    const series = key.split('\n').map((name) => [...(history.rates.get(name) ?? [])]);
    plot.current?.setData([[...history.times], ...series]);
  }, [history, key, palette]);

  return <div ref={host} className="chart" role="img" aria-label={description} />;
}
