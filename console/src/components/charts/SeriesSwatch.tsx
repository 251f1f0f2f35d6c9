import { seriesStyle } from './seriesStyle';

/** A sample of the n-th queue's line in the chart. */
export function SeriesSwatch({ index }: { index: number }) {
  const { colour, width, dash } = seriesStyle(index);
  return (
    <svg className={`swatch swatch${colour}`} viewBox="0 0 22 8" aria-hidden="true">
      <line x1="0" y1="4" x2="22" y2="4" strokeWidth={width} strokeDasharray={dash.join(' ')} />
    </svg>
  );
}
