import { bottomOf, gridColumns } from '../../widgets/dashboard/layout';
import type { Starter } from '../../widgets/dashboard/starters';
import { findWidget } from '../../widgets/registry';

interface Props {
  starter: Starter;
  onStart: () => void;
}

/** A starting point with a drawing of its layout. */
export function StarterCard({ starter: { description, dashboard }, onStart }: Props) {
  const { title, widgets } = dashboard;
  return (
    <li className="starter">
      <svg viewBox={`0 0 ${gridColumns} ${bottomOf(widgets) / 2}`} preserveAspectRatio="xMidYMin slice" aria-hidden="true">
        {widgets.map(({ id, x, y, cols, rows }) => (
          <rect key={id} x={x + 0.12} y={y / 2 + 0.12} width={cols - 0.24} height={rows / 2 - 0.24} rx="0.12" />
        ))}
      </svg>
      <h3>{title}</h3>
      <p className="soft">{description}</p>
      <p className="soft starter-widgets">{widgets.map(({ widget }) => findWidget(widget, null)?.title ?? widget).join(', ')}</p>
      <button type="button" className="button" onClick={onStart}>
        Start from {title}
      </button>
    </li>
  );
}
