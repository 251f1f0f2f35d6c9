import type { ServiceLevel } from '../../api/types';
import { Panel } from '../../components/page/Panel';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';

const columns: readonly Column<ServiceLevel>[] = [
  { id: 'name', title: 'Level', value: ({ name }) => name, show: 'always', width: 'minmax(8rem, 12rem)' },
  { id: 'state', title: 'State', kind: 'state', value: ({ isKept }) => (isKept ? 'ok' : 'breached') },
  { id: 'promised', title: 'Promised', value: ({ promised }) => promised },
  { id: 'measured', title: 'Measured', value: ({ measured }) => measured },
];

export function ServiceLevels({ levels }: { levels: readonly ServiceLevel[] }) {
  return (
    <Panel id="levels" title="Service levels">
      <DataTable name="service-levels" label="Service levels" columns={columns} rows={levels} rowId={({ name }) => name} stateOf={({ isKept }) => (isKept ? 'ok' : 'breached')} empty={null} />
    </Panel>
  );
}
