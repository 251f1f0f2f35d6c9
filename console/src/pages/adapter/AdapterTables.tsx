import { useMemo, type ReactNode } from 'react';
import { Link } from 'react-router';
import type { AdapterDetail, Cell, TableColumn, TableInfo } from '../../api/adapters';
import { deadLettersAddress } from '../../app/deadLetters';
import { EmptyState } from '../../components/page/EmptyState';
import { Panel } from '../../components/page/Panel';
import { SearchField } from '../../components/page/SearchField';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { formatCount } from '../../format/number';
import { useUrlParameters, useUrlState } from '../../state/useUrlState';
import { widthsOf } from './columnWidths';
import { useTableRows } from './useTableRows';

interface Props {
  adapter: AdapterDetail;
  /** Topics of the newest dead letters. */
  topics: readonly string[];
}

const longestSearch = 200;

interface Row {
  id: string;
  cells: readonly Cell[];
}

/** The tables of an adapter, such as clients or sessions. The address keeps which one is shown, and the search. */
export function AdapterTables({ adapter, topics }: Props) {
  const { tables } = adapter;
  const [chosen] = useUrlState('table');
  const table = tables.find(({ name }) => name === chosen) ?? tables[0];
  if (table === undefined) {
    return null;
  }
  return (
    <Panel id="tables" title={table.title} note={formatCount(table.total)}>
      <AdapterTable key={table.name} adapter={adapter} topics={topics} table={table} choice={tables.length > 1 && <TableChoice tables={tables} chosen={table.name} />} />
    </Panel>
  );
}

function TableChoice({ tables, chosen }: { tables: readonly TableInfo[]; chosen: string }) {
  const setParameters = useUrlParameters();
  return (
    <fieldset className="segmented">
      <legend className="visually-hidden">Table</legend>
      {tables.map(({ name, title }) => (
        <label key={name}>
          <input type="radio" name="table" checked={name === chosen} onChange={() => setParameters({ table: name, search: '' })} />
          <span>{title}</span>
        </label>
      ))}
    </fieldset>
  );
}

function AdapterTable({ adapter: { name: adapter, deadLetters }, topics, table, choice }: Props & { table: TableInfo; choice: ReactNode }) {
  const [search, setSearch] = useUrlState('search');
  const { columns, rows, total, error, more, reload } = useTableRows(adapter, table.name, search);
  // The columns change only with their widths, not with each answer.
  const shape = useMemo(() => JSON.stringify([columns, widthsOf(columns, rows ?? [])]), [columns, rows]);
  const shownColumns = useMemo(() => {
    const [described, widths] = JSON.parse(shape) as [TableColumn[], string[]];
    const shown = described.map((column, index) => columnOf(column, index, widths[index] ?? ''));
    const linksLetters = deadLetters !== '' && tablesOfDevices.includes(table.name) && described[0]?.kind === 'id';
    return linksLetters ? [...shown, lettersColumn((device) => deadLettersAddress(deadLetters, adapter, device, topics))] : shown;
  }, [shape, adapter, deadLetters, table.name, topics]);
  // A table may have several rows with the same first cell, so the number of the row is part of its id.
  const shownRows = useMemo(() => rows?.map((cells, index): Row => ({ id: `${index} ${String(cells[0])}`, cells })) ?? null, [rows]);
  return (
    <DataTable
      name={`adapter.${table.name}`}
      label={table.title}
      columns={shownColumns}
      rows={shownRows}
      rowId={({ id }) => id}
      stateOf={({ cells }) => stateIn(cells, columns)}
      error={error}
      onRetry={reload}
      onEnd={more}
      tools={
        <>
          {choice}
          <SearchField label={`Search in ${table.title.toLowerCase()}`} placeholder="Search" longest={longestSearch} value={search} onValue={setSearch} />
        </>
      }
      empty={<EmptyState title={search === '' ? `No ${table.title.toLowerCase()} now.` : `Nothing matches “${search}”.`} />}
      foot={rows !== null && rows.length < total ? `${formatCount(rows.length)} of ${formatCount(total)} shown` : undefined}
    />
  );
}

/** Tables whose rows are devices. The first column is the name of the device. */
const tablesOfDevices = ['clients', 'devices'];

function lettersColumn(addressOf: (device: string) => string): Column<Row> {
  const deviceOf = ({ cells }: Row): string => String(cells[0] ?? '');
  return {
    id: 'dead-letters',
    title: 'Dead letters',
    width: '6.5rem',
    sortable: false,
    value: deviceOf,
    cell: (row) => (
      <Link to={addressOf(deviceOf(row))} aria-label={`Find dead letters of ${deviceOf(row)}`}>
        Find
      </Link>
    ),
  };
}

/** Seconds in the units of durations. */
const seconds: Record<string, number> = { s: 1, ms: 1e-3, 'µs': 1e-6, us: 1e-6, ns: 1e-9, min: 60, h: 3600 };

function columnOf({ name, title, kind, unit }: TableColumn, index: number, width: string): Column<Row> {
  const scale = kind === 'duration' ? seconds[unit] : undefined;
  return {
    id: name,
    title: unit === '' || scale !== undefined ? title : `${title} (${unit})`,
    kind,
    width,
    value: ({ cells }) => {
      const cell = cells[index] ?? null;
      return scale !== undefined && typeof cell === 'number' ? cell * scale : cell;
    },
    ...(index === 0 && { show: 'always' as const }),
  };
}

function stateIn(cells: readonly Cell[], columns: readonly TableColumn[]): string | undefined {
  const index = columns.findIndex(({ kind }) => kind === 'state');
  return index < 0 ? undefined : String(cells[index]);
}
