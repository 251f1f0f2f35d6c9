import { useMemo, type CSSProperties, type ReactNode } from 'react';
import { nextSort, useTableChoices } from './useTableChoices';
import { AnswerError } from '../page/AnswerError';
import { ColumnChoice } from './ColumnChoice';
import { sorted, widthOf, type Column, type Sort } from './columns';
import { HeaderRow } from './HeaderRow';
import { SortChoice } from './SortChoice';
import { TableBody } from './TableBody';
import { useNarrow } from '../../state/useNarrow';

export interface DataTableProps<T> {
  /** The name under which this browser remembers columns and order, unique in the console. */
  name: string;
  /** What the rows are, for screen readers and errors: "Queues". */
  label: string;
  columns: readonly Column<T>[];
  /** Null while the first answer is awaited. */
  rows: readonly T[] | null;
  rowId: (row: T) => string;
  /** The address of a row's page: the first column becomes a link. */
  linkOf?: (row: T) => string;
  /** The content below an open row; Enter on the first column opens and closes it. */
  detailOf?: (row: T) => ReactNode;
  /** Called when a row opens. */
  onOpen?: () => void;
  /** The state of a row, such as `degraded`, which the style sheet marks. */
  stateOf?: (row: T) => string | undefined;
  initialSort?: Sort;
  /** Shown instead of the rows if there are none: say which setting adds some. */
  empty: ReactNode;
  error?: Error | null;
  onRetry?: () => void;
  /** Called when the end of the rows comes into view and the host has more. */
  onEnd?: (() => void) | undefined;
  /** Controls above the table. */
  tools?: ReactNode;
  /** Between the controls and the rows. */
  status?: ReactNode;
  /** A line below the table, such as "200 of 10,000 shown". */
  foot?: ReactNode;
  /** Takes the height that is left on a page with `layout="fill"`. Default: as high as its rows, up to a limit. */
  fill?: boolean;
}

/**
 * A table of any length: sortable, virtual, and usable by keyboard (↑ ↓ PageUp PageDown Home End move, Enter opens). The
 * user chooses the columns. On a narrow screen, each row is a block with the same values.
 */
export function DataTable<T>(props: DataTableProps<T>) {
  const { name, label, columns, rows, initialSort, empty, error = null, onRetry, tools, status, foot, fill = false } = props;
  const { visibility, setVisibility, sort, setSort } = useTableChoices(name, columns, initialSort);
  const narrow = useNarrow();
  const shown = useMemo(() => columns.filter(({ id }) => visibility[id] !== false), [columns, visibility]);
  const style = useMemo(() => ({ '--columns': shown.map(widthOf).join(' ') }) as CSSProperties, [shown]);
  const column = columns.find(({ id, sortable = true }) => sortable && id === sort?.id);
  const descending = sort?.descending === true;
  const ordered = useMemo(() => (rows === null || column === undefined ? rows : sorted(rows, column, descending)), [rows, column, descending]);

  return (
    <div className="data-table" data-table={name} data-fill={fill ? '' : undefined}>
      <div className="table-tools">
        {tools}
        {narrow && <SortChoice columns={shown} sort={sort} onSort={setSort} />}
        <ColumnChoice columns={columns} visibility={visibility} onVisibility={setVisibility} />
      </div>
      {status}
      {error !== null && rows === null ? (
        <AnswerError what={label} error={error} {...(onRetry && { onRetry })} />
      ) : ordered === null ? (
        <p className="soft table-loading">Reading…</p>
      ) : ordered.length === 0 ? (
        empty
      ) : (
        <>
          {error !== null && <AnswerError what={label} error={error} {...(onRetry && { onRetry })} />}
          <TableBody
            {...props}
            rows={ordered}
            shown={shown}
            narrow={narrow}
            header={<HeaderRow columns={shown} sort={sort} onSort={(id) => setSort(nextSort(columns, sort, id))} narrow={narrow} />}
            style={style}
          />
        </>
      )}
      {foot !== undefined && <p className="panel-foot">{foot}</p>}
    </div>
  );
}
