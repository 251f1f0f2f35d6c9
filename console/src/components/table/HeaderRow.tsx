import { isNumeric, type Column, type Sort } from './columns';

interface Props<T> {
  columns: readonly Column<T>[];
  sort: Sort | null;
  onSort: (id: string) => void;
  /** Whether the headers are only for screen readers. */
  narrow: boolean;
}

export function HeaderRow<T>({ columns, sort, onSort, narrow }: Props<T>) {
  return (
    <div role="rowgroup" className={narrow ? 'visually-hidden' : 'table-header'}>
      <div role="row" className="table-row">
        {columns.map((column) => {
          const { id, title, sortable = true } = column;
          const order = sort?.id !== id ? undefined : sort.descending ? 'descending' : 'ascending';
          return (
            <div key={id} role="columnheader" className="table-cell" data-numeric={isNumeric(column) ? '' : undefined} aria-sort={order}>
              {sortable && !narrow ? (
                <button type="button" className="sort-button" onClick={() => onSort(id)}>
                  {title}
                  <svg viewBox="0 0 8 8" aria-hidden="true" className="sort-mark">
                    {order === 'ascending' && <path d="M4 1.5 7.5 6.5h-7z" />}
                    {order === 'descending' && <path d="M4 6.5 7.5 1.5h-7z" />}
                  </svg>
                </button>
              ) : (
                title
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
