import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type CSSProperties, type KeyboardEvent, type ReactNode } from 'react';
import type { Column } from './columns';
import type { DataTableProps } from './DataTable';
import { targetRow } from './rowKeys';
import { useScrollMemory } from './useScrollMemory';
import { TableRow } from './TableRow';

interface Props<T> extends Omit<DataTableProps<T>, 'rows'> {
  /** The rows in order. */
  rows: readonly T[];
  shown: readonly Column<T>[];
  narrow: boolean;
  header: ReactNode;
  style: CSSProperties;
}

/** The height of a row in one line with its border: `--row` of the style sheet. A row of another height is measured when it is drawn. */
const rowPx = matchMedia('(pointer: coarse)').matches ? 45 : 29;
const blockPx = 84;
const overscan = 10;
/** The end counts as in view when so few rows are left below. */
const rowsBeforeEnd = 20;

/** The rows in view. The row with the focus stays, so that scrolling never loses the focus. */
export function TableBody<T>({ name, label, rows, rowId, linkOf, detailOf, onOpen, stateOf, onEnd, shown, narrow, header, style }: Props<T>) {
  const box = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const [headerPx, setHeaderPx] = useState(narrow ? 0 : rowPx - 1);
  // The header is above the rows in the same box.
  useLayoutEffect(() => setHeaderPx(body.current?.offsetTop ?? 0), [narrow]);
  const [current, setCurrent] = useState<string | null>(null);
  const [openId, setOpenId] = useState<string | null>(null);
  const wanted = useRef<string | null>(null);
  const latest = useRef({ rowId, onOpen });
  latest.current = { rowId, onOpen };
  const stop = useMemo(() => Math.max(current === null ? 0 : rows.findIndex((row) => latest.current.rowId(row) === current), 0), [rows, current]);

  const memory = useScrollMemory(name);
  const virtual = useVirtualizer({
    initialOffset: memory.initial,
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => (narrow ? blockPx : rowPx),
    // Another function makes the virtualizer place all rows again.
    getItemKey: useCallback((index: number) => latest.current.rowId(rows[index]!), [rows]),
    rangeExtractor: useCallback(
      (range: Range) => {
        const visible = defaultRangeExtractor(range);
        return visible.includes(stop) ? visible : [...visible, stop].sort((a, b) => a - b);
      },
      [stop],
    ),
    scrollMargin: headerPx,
    scrollPaddingStart: headerPx,
    overscan,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - rowsBeforeEnd) {
      onEnd?.();
    }
  }, [last, rows.length, onEnd]);

  // A row may be drawn only after the list has scrolled to it, so this looks for it after every drawing.
  useEffect(() => {
    const row = wanted.current === null ? null : box.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(wanted.current)}"]`);
    if (row) {
      wanted.current = null;
      row.focus({ preventScroll: true });
    }
  });

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !(event.target as HTMLElement).matches('[data-row]')) {
      return;
    }
    const next = targetRow(event.key, stop, rows.length);
    if (next !== null) {
      event.preventDefault();
      wanted.current = rowId(rows[next]!);
      setCurrent(wanted.current);
      virtual.scrollToIndex(next);
    }
  };

  const toggle = useCallback(
    (id: string) => {
      setOpenId(openId === id ? null : id);
      if (openId !== id) {
        latest.current.onOpen?.();
      }
    },
    [openId],
  );

  const opens = linkOf !== undefined || detailOf !== undefined;
  return (
    <div ref={box} className="table-box" onScroll={(event) => memory.onScroll(event.currentTarget.scrollTop)} role="group" aria-label={label} {...(!opens && { tabIndex: 0 })}>
      <div role="table" aria-label={label} aria-rowcount={rows.length + 1} className="table" data-narrow={narrow ? '' : undefined} style={style} onKeyDown={onKeyDown}>
        {header}
        <div ref={body} role="rowgroup" className="table-rows" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, key, start }) => {
            const row = rows[index]!;
            const id = rowId(row);
            return (
              <TableRow
                key={key}
                ref={virtual.measureElement}
                index={index}
                start={start - headerPx}
                id={id}
                row={row}
                columns={shown}
                narrow={narrow}
                tabStop={index === stop}
                open={openId === id}
                link={linkOf?.(row)}
                state={stateOf?.(row)}
                detail={openId === id ? detailOf?.(row) : undefined}
                onToggle={detailOf && toggle}
                onFocus={setCurrent}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}
