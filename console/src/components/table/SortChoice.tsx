import type { Column, Sort } from './columns';

interface Props<T> {
  columns: readonly Column<T>[];
  sort: Sort | null;
  onSort: (sort: Sort) => void;
}

/** The order of the rows on a narrow screen, which has no headers. */
export function SortChoice<T>({ columns, sort, onSort }: Props<T>) {
  if (columns.every(({ sortable = true }) => !sortable)) {
    return null;
  }
  const value = sort === null ? '' : `${sort.descending ? '-' : ''}${sort.id}`;
  return (
    <label>
      <span className="visually-hidden">Order</span>
      <select value={value} onChange={({ target }) => onSort({ id: target.value.replace(/^-/, ''), descending: target.value.startsWith('-') })}>
        {value === '' && <option value="">Order</option>}
        {columns
          .filter(({ sortable = true }) => sortable)
          .flatMap(({ id, title }) => [
            <option key={id} value={id}>
              {title} ↑
            </option>,
            <option key={`-${id}`} value={`-${id}`}>
              {title} ↓
            </option>,
          ])}
      </select>
    </label>
  );
}
