import { memo, type ReactNode, type Ref } from 'react';
import { Link } from 'react-router';
import { CellValue } from './CellValue';
import { isNumeric, type CellContent, type Column } from './columns';

interface Props<T> {
  ref: Ref<HTMLDivElement>;
  index: number;
  /** The distance from the top of the rows in pixels. */
  start: number;
  id: string;
  row: T;
  columns: readonly Column<T>[];
  narrow: boolean;
  /** Whether the Tab key reaches this row; the arrow keys reach the others. */
  tabStop: boolean;
  open: boolean;
  link: string | undefined;
  state: string | undefined;
  detail: ReactNode;
  /** Opens and closes the row. */
  onToggle: ((id: string) => void) | undefined;
  onFocus: (id: string) => void;
}

/** One row. While the list scrolls, only the rows that come into view are drawn. */
export const TableRow = memo(DrawnRow) as typeof DrawnRow;

function DrawnRow<T>({ ref, index, start, id, row, columns, narrow, tabStop, open, link, state, detail, onToggle, onFocus }: Props<T>) {
  const contents = (column: Column<T>): ReactNode => column.cell?.(row) ?? <CellValue value={column.value(row)} kind={column.kind ?? 'text'} />;
  const handle = { 'data-row': id, tabIndex: tabStop ? 0 : -1, onFocus: () => onFocus(id) };
  return (
    <div ref={ref} className="table-item" data-index={index} data-key={id} data-state={state} data-open={open ? '' : undefined} style={{ transform: `translateY(${start}px)` }}>
      <div role="row" aria-rowindex={index + 2} className="table-row">
        {columns.map((column, place) => (
          <div
            key={column.id}
            role={place === 0 ? 'rowheader' : 'cell'}
            className="table-cell"
            data-column={column.id}
            data-kind={column.kind ?? 'text'}
            data-numeric={isNumeric(column) ? '' : undefined}
            data-empty={isEmpty(column.value(row)) ? '' : undefined}
          >
            {narrow && place > 0 && (
              <span className="cell-title" aria-hidden="true">
                {column.title}{' '}
              </span>
            )}
            {place > 0 ? (
              contents(column)
            ) : link !== undefined ? (
              <Link to={link} className="row-link" {...handle}>
                {contents(column)}
              </Link>
            ) : onToggle !== undefined ? (
              <button type="button" className="row-link" aria-expanded={open} onClick={() => onToggle(id)} {...handle}>
                {contents(column)}
              </button>
            ) : (
              contents(column)
            )}
          </div>
        ))}
      </div>
      {open && (
        <div role="row" className="table-detail">
          <div role="cell">{detail}</div>
        </div>
      )}
    </div>
  );
}

function isEmpty(value: CellContent): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
