import type { KeyboardEvent, ReactNode } from 'react';
import type { PlacedWidget } from '../types';

interface Props {
  placed: PlacedWidget;
  title: string;
  isEditing: boolean;
  /** Whether the arrow keys move the card. */
  isMoving: boolean;
  isNarrow: boolean;
  isCollapsed: boolean;
  onCollapse: () => void;
  onMove: () => void;
  onStep: (step: -1 | 1) => void;
  onConfigure: () => void;
  onRemove: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onBlur: () => void;
  children: ReactNode;
}

/** The box of a widget on a dashboard. While the dashboard is edited, the box has the focus of its own and the buttons to move, configure and remove it. */
export function WidgetCard({ placed, title, isEditing, isMoving, isNarrow, isCollapsed, onCollapse, onMove, onStep, onConfigure, onRemove, onKeyDown, onBlur, children }: Props) {
  const titleId = `widget-${placed.id}-title`;
  return (
    <section
      className="widget-card"
      data-widget={placed.id}
      data-editing={isEditing ? '' : undefined}
      data-moving={isMoving ? '' : undefined}
      data-collapsed={isCollapsed ? '' : undefined}
      aria-labelledby={titleId}
      aria-describedby={isEditing ? 'widget-keys' : undefined}
      role={isMoving ? 'application' : undefined}
      aria-roledescription={isMoving ? 'widget that is moved' : undefined}
      tabIndex={isEditing ? 0 : -1}
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        if (event.target === event.currentTarget) {
          onBlur();
        }
      }}
    >
      <div className={isEditing ? 'widget-head widget-grip' : 'widget-head'}>
        <h2 id={titleId} title={title}>
          {title}
        </h2>
        {isMoving && <span className="widget-place">{placed.cols} × {placed.rows}</span>}
        {!isEditing && (
          <div className="widget-tools">
            <ToolButton label={isCollapsed ? 'Expand' : 'Collapse'} of={title} path={isCollapsed ? 'M2 4.5 7 9.5 12 4.5' : 'M2 9.5 7 4.5 12 9.5'} onClick={onCollapse} />
          </div>
        )}
        {isEditing && (
          <div className="widget-tools" role="group" aria-label={`Edit ${title}`}>
            {isNarrow && (
              <>
                <ToolButton label="Up" of={title} path="M2 9.5 7 4.5 12 9.5" onClick={() => onStep(-1)} />
                <ToolButton label="Down" of={title} path="M2 4.5 7 9.5 12 4.5" onClick={() => onStep(1)} />
              </>
            )}
            <ToolButton label="Move and resize" of={title} path="M7 1v12M1 7h12M5 3l2-2 2 2M5 11l2 2 2-2M3 5 1 7l2 2M11 5l2 2-2 2" pressed={isMoving} onClick={onMove} />
            <ToolButton label="Settings" of={title} path="M1 4h6M11 4h2M1 10h2M7 10h6M9 2v4M5 8v4" onClick={onConfigure} />
            <ToolButton label="Remove" of={title} path="M2.5 2.5l9 9M11.5 2.5l-9 9" onClick={onRemove} />
          </div>
        )}
      </div>
      <div className="widget-body">{children}</div>
    </section>
  );
}

interface ToolProps {
  label: string;
  of: string;
  path: string;
  pressed?: boolean;
  onClick: () => void;
}

function ToolButton({ label, of, path, pressed, onClick }: ToolProps) {
  return (
    <button type="button" className="icon-button widget-tool" aria-label={`${label}: ${of}`} title={label} aria-pressed={pressed} onClick={onClick}>
      <svg viewBox="0 0 14 14" aria-hidden="true">
        <path d={path} />
      </svg>
    </button>
  );
}
