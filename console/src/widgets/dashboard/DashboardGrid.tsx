import { useCallback, useMemo, useState, type KeyboardEvent } from 'react';
import { absoluteStrategy } from 'react-grid-layout/core';
import { GridLayout, useContainerWidth, type Layout } from 'react-grid-layout/react';
import type { JsonObject } from '../../api/json';
import { announce } from '../../state/announcer';
import { findWidget, isBuiltinId, sizesOf } from '../registry';
import type { DashboardTime, PlacedWidget, WidgetCatalogue } from '../types';
import { gridColumns, inReadingOrder, layoutOf, moved, placeText, reordered, reorderedTo, resized, withLayout } from './layout';
import { WidgetCard } from './WidgetCard';
import { WidgetContent } from './WidgetContent';

interface Props {
  widgets: readonly PlacedWidget[];
  catalogue: WidgetCatalogue | null;
  /** Why the catalogue could not be read; null if it could. */
  catalogueError: Error | null;
  /** Reads the catalogue again. */
  onRetry: () => void;
  time: DashboardTime;
  isEditing: boolean;
  onWidgets: (widgets: readonly PlacedWidget[]) => void;
  onConfigure: (id: string) => void;
  onRemove: (id: string) => void;
  /** A widget stores its own settings. */
  onConfigChange: (id: string, config: JsonObject) => void;
}

/** A narrower grid has one column. */
const narrowPx = 640;
const rowPx = 64;
const gapPx: readonly [number, number] = [10, 10];
/** The rows of a collapsed widget of a component: its bars and a strip of its frame. A built-in widget has its heading only. */
const collapsedRows = 2;
const paddingPx: readonly [number, number] = [0, 0];
const steps: Readonly<Record<string, readonly [-1 | 0 | 1, -1 | 0 | 1]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The widgets of a dashboard on a grid of 12 columns, or of one on a phone. A pointer drags and resizes; the keyboard does the same in the mode Move and resize of a card. */
export function DashboardGrid({ widgets, catalogue, catalogueError, onRetry, time, isEditing, onWidgets, onConfigure, onRemove, onConfigChange }: Props) {
  const { width, containerRef, mounted } = useContainerWidth();
  const isNarrow = width < narrowPx;
  /** The card that the arrow keys move, and the widgets before. */
  const [moving, setMoving] = useState<{ id: string; before: readonly PlacedWidget[] } | null>(null);

  /** The cards of which only a strip is visible, while the dashboard is not edited. */
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const isCollapsed = ({ id }: PlacedWidget) => !isEditing && collapsed.has(id);

  const layout = useMemo<Layout>(() => {
    const rowsOf = ({ id, widget, rows }: PlacedWidget) => (isEditing || !collapsed.has(id) ? rows : isBuiltinId(widget) ? 1 : Math.min(rows, collapsedRows));
    if (isNarrow) {
      let y = 0;
      return inReadingOrder(widgets).map((placed) => ({ i: placed.id, x: 0, y: (y += rowsOf(placed)) - rowsOf(placed), w: 1, h: rowsOf(placed) }));
    }
    return layoutOf(widgets).map((item) => {
      const placed = widgets.find(({ id }) => id === item.i)!;
      const { minSize, maxSize } = sizesOf(findWidget(placed.widget, catalogue));
      const h = rowsOf(placed);
      return { ...item, h, minW: Math.min(minSize.cols, item.w), maxW: maxSize.cols, minH: Math.min(minSize.rows, h), maxH: maxSize.rows };
    });
  }, [widgets, catalogue, isNarrow, isEditing, collapsed]);

  // The grid also reports layouts that this component has set, after the next key. Only layouts that a pointer has changed count.
  const takeLayout = useCallback(
    (next: Layout) => {
      if (!isEditing) {
        return;
      }
      const changed = isNarrow ? withRows(reorderedTo(widgets, next.toSorted((a, b) => a.y - b.y).map(({ i }) => i)), next) : withLayout(widgets, next);
      if (changed !== widgets) {
        onWidgets(changed);
      }
    },
    [isEditing, isNarrow, widgets, onWidgets],
  );

  const titleOf = (placed: PlacedWidget) => placed.title ?? findWidget(placed.widget, catalogue)?.title ?? placed.widget;

  const start = (placed: PlacedWidget) => {
    if (moving?.id === placed.id) {
      setMoving(null);
      return;
    }
    document.querySelector<HTMLElement>(`[data-widget="${CSS.escape(placed.id)}"]`)?.focus();
    setMoving({ id: placed.id, before: widgets });
    announce(`Moving ${titleOf(placed)}: ${placeText(placed)}. Arrow keys move, Shift and arrow keys resize, Enter accepts, Escape undoes.`);
  };

  const change = (placed: PlacedWidget, next: readonly PlacedWidget[]) => {
    const after = next.find(({ id }) => id === placed.id)!;
    announce(next === widgets ? `${titleOf(placed)} is at the edge or at the limit of its size` : isNarrow ? `${titleOf(placed)}: number ${inReadingOrder(next).indexOf(after) + 1} of ${next.length}, ${after.rows} high` : `${titleOf(placed)}: ${placeText(after)}`);
    if (next !== widgets) {
      onWidgets(next);
    }
  };

  const stepped = (placed: PlacedWidget, [dx, dy]: readonly [-1 | 0 | 1, -1 | 0 | 1], resizes: boolean) => {
    if (resizes) {
      return resized(widgets, placed.id, { cols: placed.cols + (isNarrow ? 0 : dx), rows: placed.rows + dy }, sizesOf(findWidget(placed.widget, catalogue)));
    }
    if (isNarrow) {
      return dy === 0 ? widgets : reordered(widgets, placed.id, dy);
    }
    return moved(widgets, placed.id, dx, dy);
  };

  const onKeyDown = (placed: PlacedWidget, event: KeyboardEvent) => {
    if (!isEditing || event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const step = steps[event.key];
    if (moving?.id !== placed.id) {
      if (event.key === 'Enter') {
        event.preventDefault();
        start(placed);
      } else if (event.key === 'Delete') {
        event.preventDefault();
        onRemove(placed.id);
      }
    } else if (step !== undefined) {
      event.preventDefault();
      change(placed, stepped(placed, step, event.shiftKey));
      keepInView(event.currentTarget);
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      setMoving(null);
      announce(`${titleOf(placed)} placed: ${placeText(placed)}`);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onWidgets(moving.before);
      setMoving(null);
      announce(`${titleOf(placed)} is back at its earlier place`);
    }
  };

  return (
    <div ref={containerRef} className="dashboard-grid" data-editing={isEditing ? '' : undefined}>
      {/* The grid adds a style element with this id unless there is one. The content security policy forbids it; dashboard.css has the rule. */}
      <template id="react-draggable-style-el" />
      <p id="widget-keys" className="visually-hidden">
        Enter moves and resizes this widget with the arrow keys, Delete removes it.
      </p>
      {mounted && (
        <GridLayout
          width={width}
          layout={layout}
          gridConfig={{ cols: isNarrow ? 1 : gridColumns, rowHeight: rowPx, margin: gapPx, containerPadding: paddingPx }}
          dragConfig={{ enabled: isEditing, handle: '.widget-grip', cancel: '.widget-tools', threshold: 4 }}
          resizeConfig={{ enabled: isEditing, handles: isNarrow ? ['s'] : ['se'] }}
          positionStrategy={absoluteStrategy}
          onDragStop={takeLayout}
          onResizeStop={takeLayout}
        >
          {widgets.map((placed) => (
            <div key={placed.id} className="widget-slot" data-moving={moving?.id === placed.id ? '' : undefined}>
              <WidgetCard
                placed={placed}
                title={titleOf(placed)}
                isEditing={isEditing}
                isMoving={isEditing && moving?.id === placed.id}
                isNarrow={isNarrow}
                isCollapsed={isCollapsed(placed)}
                onCollapse={() => setCollapsed((before) => (before.has(placed.id) ? new Set([...before].filter((id) => id !== placed.id)) : new Set([...before, placed.id])))}
                onMove={() => start(placed)}
                onStep={(step) => change(placed, reordered(widgets, placed.id, step))}
                onConfigure={() => onConfigure(placed.id)}
                onRemove={() => onRemove(placed.id)}
                onKeyDown={(event) => onKeyDown(placed, event)}
                onBlur={() => {
                  if (moving?.id === placed.id) {
                    setMoving(null);
                  }
                }}
              >
                <WidgetContent
                  id={placed.widget}
                  catalogue={catalogue}
                  catalogueError={catalogueError}
                  onRetry={onRetry}
                  instance={placed.id}
                  title={placed.title}
                  config={placed.config}
                  collapsed={isCollapsed(placed)}
                  time={time}
                  onConfigChange={onConfigChange}
                />
              </WidgetCard>
            </div>
          ))}
        </GridLayout>
      )}
    </div>
  );
}

/** The widgets with the heights of a layout of one column. */
function withRows(widgets: readonly PlacedWidget[], layout: Layout): readonly PlacedWidget[] {
  return layout.reduce<readonly PlacedWidget[]>((before, { i, h }) => {
    const widget = before.find(({ id }) => id === i);
    return widget === undefined || widget.rows === h ? before : resized(before, i, { cols: widget.cols, rows: h }, sizesOf(null));
  }, widgets);
}

function keepInView(card: Element): void {
  requestAnimationFrame(() => card.scrollIntoView({ block: 'nearest' }));
}
