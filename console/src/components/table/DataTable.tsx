import { columnVisibilityFeature, createSortedRowModel, rowSortingFeature, tableFeatures, useTable, type ColumnDef, type RowData } from '@tanstack/react-table';
import { useMemo, type CSSProperties, type ReactNode } from 'react';
import { nextSort, useTableChoices } from './useTableChoices';
import { AnswerError } from '../page/AnswerError';
import { ColumnChoice } from './ColumnChoice';
import { compareContents, widthOf, type CellContent, type Column, type Sort } from './columns';
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
  /** The order of the rows as the host sorted them. With it, the table does not sort. */
  sort?: Sort;
  onSort?: (sort: Sort) => void;
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

const features = tableFeatures({ rowSortingFeature, columnVisibilityFeature, sortedRowModel: createSortedRowModel() });
export type Features = typeof features;

const nothing: readonly never[] = [];

/**
 * A table of any length: sortable, virtual, and usable by keyboard (↑ ↓ PageUp PageDown Home End move, Enter opens). The
 * user chooses the columns. On a narrow screen, each row is a block with the same values.
 */
export function DataTable<T extends RowData>(props: DataTableProps<T>) {
  const { name, label, columns, rows, rowId, initialSort, sort: sortOfHost, onSort, empty, error = null, onRetry, tools, status, foot, fill = false } = props;
  const choices = useTableChoices(name, columns, initialSort);
  const sort = sortOfHost ?? choices.sort;
  const narrow = useNarrow();
  const definitions = useMemo(() => columns.map(definitionOf), [columns]);
  const table = useTable<Features, T>({
    features,
    columns: definitions,
    data: (rows ?? nothing) as T[],
    getRowId: rowId,
    manualSorting: sortOfHost !== undefined,
    enableSortingRemoval: false,
    state: {
      sorting: sort === null ? [] : [{ id: sort.id, desc: sort.descending }],
      columnVisibility: choices.visibility,
    },
  });
  const shown = columns.filter(({ id }) => choices.visibility[id] !== false);
  const choose = (id: string) => {
    const next = nextSort(columns, sort, id);
    (onSort ?? choices.setSort)(next);
  };

  return (
    <div className="data-table" data-table={name} data-fill={fill ? '' : undefined}>
      <div className="table-tools">
        {tools}
        {narrow && <SortChoice columns={shown} sort={sort} onSort={onSort ?? choices.setSort} />}
        <ColumnChoice columns={columns} visibility={choices.visibility} onVisibility={choices.setVisibility} />
      </div>
      {status}
      {error !== null && rows === null ? (
        <AnswerError what={label} error={error} {...(onRetry && { onRetry })} />
      ) : rows === null ? (
        <p className="soft table-loading">Reading…</p>
      ) : rows.length === 0 ? (
        empty
      ) : (
        <>
          {error !== null && <AnswerError what={label} error={error} {...(onRetry && { onRetry })} />}
          <TableBody
            {...props}
            rows={table.getRowModel().rows.map((row) => row.original)}
            shown={shown}
            narrow={narrow}
            header={<HeaderRow columns={shown} sort={sort} onSort={choose} narrow={narrow} />}
            style={{ '--columns': shown.map(widthOf).join(' ') } as CSSProperties}
          />
        </>
      )}
      {foot !== undefined && <p className="panel-foot">{foot}</p>}
    </div>
  );
}

function definitionOf<T extends RowData>(column: Column<T>): ColumnDef<Features, T> {
  return {
    id: column.id,
    accessorFn: (row) => column.value(row) ?? undefined,
    enableSorting: column.sortable !== false,
    enableHiding: column.show !== 'always',
    sortUndefined: 'last',
    sortFn: (a, b, id) => compareContents(a.getValue<Exclude<CellContent, null>>(id), b.getValue<Exclude<CellContent, null>>(id)),
  };
}
