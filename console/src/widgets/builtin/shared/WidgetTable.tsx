import { Fragment, type ReactNode } from 'react';
import { ScrollBox } from '../../../components/page/ScrollBox';
import { CellValue } from '../../../components/table/CellValue';
import { isNumeric, type Column } from '../../../components/table/columns';

export interface WidgetColumn<T> extends Column<T> {
  /** Left out if the widget is narrow. */
  minor?: boolean;
  /** A line below its row if the widget is narrow. */
  folds?: boolean;
}

interface Props<T> {
  /** What the rows are, for screen readers. */
  label: string;
  columns: readonly WidgetColumn<T>[];
  /** A bounded list: all rows are drawn. */
  rows: readonly T[];
  rowId: (row: T) => string;
  stateOf?: (row: T) => string | undefined;
  foot?: ReactNode;
}

/** A small table that scrolls inside its widget. The first column is the heading of its row. */
export function WidgetTable<T>({ label, columns, rows, rowId, stateOf, foot }: Props<T>) {
  const folded = columns.filter(({ folds }) => folds === true);
  return (
    <ScrollBox className="bw-scroll" label={label}>
      <table className="figures bw-table">
        <caption className="visually-hidden">{label}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" {...marksOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Fragment key={rowId(row)}>
              <tr data-row={rowId(row)} data-state={stateOf?.(row)}>
                {columns.map((column, index) =>
                  index === 0 ? (
                    <th key={column.id} scope="row" {...marksOf(column)}>
                      <Cell column={column} row={row} />
                    </th>
                  ) : (
                    <td key={column.id} {...marksOf(column)}>
                      <Cell column={column} row={row} />
                    </td>
                  ),
                )}
              </tr>
              {folded.filter((column) => hasText(column, row)).map((column) => (
                <tr key={column.id} className="bw-folded" data-state={stateOf?.(row)}>
                  <td colSpan={columns.length}>
                    <Cell column={column} row={row} />
                  </td>
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
      {foot !== undefined && <p className="bw-foot soft">{foot}</p>}
    </ScrollBox>
  );
}

function Cell<T>({ column: { cell, value, kind = 'text' }, row }: { column: Column<T>; row: T }) {
  return cell === undefined ? <CellValue value={value(row)} kind={kind} /> : cell(row);
}

function hasText<T>({ value }: Column<T>, row: T): boolean {
  return value(row) !== '' && value(row) !== null;
}

function marksOf<T>(column: WidgetColumn<T>) {
  return { 'data-column': column.id, 'data-text': isNumeric(column) ? undefined : '', 'data-minor-column': column.minor === true ? '' : undefined, 'data-folds': column.folds === true ? '' : undefined };
}
