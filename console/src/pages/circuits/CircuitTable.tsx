import { useMemo } from 'react';
import type { Circuit } from '../../api/types';
import { addresses } from '../../app/addresses';
import { Panel } from '../../components/page/Panel';
import { inTroubleFirst } from '../../components/parts/inTroubleFirst';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { formatMs } from '../../format/number';

const columns: readonly Column<Circuit>[] = [
  { id: 'name', title: 'Circuit', value: ({ name }) => name, show: 'always', width: 'minmax(7rem, 12rem)' },
  { id: 'state', title: 'State', kind: 'state', value: ({ state }) => state, width: '6.5rem' },
  { id: 'detail', title: 'Reason', value: ({ detail }) => detail, width: 'minmax(12rem, 3fr)', sortable: false },
  { id: 'outputs', title: 'Outputs', kind: 'list', value: ({ outputs }) => outputs },
  { id: 'p99', title: 'p99', kind: 'count', value: ({ p99Ms }) => p99Ms, cell: ({ p99Ms }) => (p99Ms === null ? '–' : formatMs(p99Ms)), width: '4.5rem' },
  { id: 'operations', title: 'Operations', kind: 'count', value: ({ usage }) => usage.operations, width: '5.5rem' },
  { id: 'cpu', title: 'CPU', kind: 'duration', value: ({ usage }) => usage.cpuNanos / 1e9, width: '4.5rem' },
  { id: 'storage', title: 'Storage', kind: 'bytes', value: ({ usage }) => usage.storageBytes, width: '5.5rem' },
  { id: 'failures', title: 'Failures', kind: 'count', value: ({ failures }) => failures, width: '4.5rem' },
  { id: 'version', title: 'Version', value: ({ version }) => version, width: '6rem', show: 'chosen' },
  { id: 'tenant', title: 'Tenant', value: ({ tenant }) => tenant, width: 'minmax(6rem, 10rem)', show: 'chosen' },
];

export function CircuitTable({ circuits }: { circuits: readonly Circuit[] }) {
  const rows = useMemo(() => inTroubleFirst(circuits), [circuits]);
  const running = circuits.filter(({ state }) => state === 'running' || state === 'breached').length;
  return (
    <Panel id="circuits" title="Circuits" note={`${running} of ${circuits.length} running`}>
      <DataTable
        name="circuits"
        label="Circuits"
        columns={columns}
        rows={rows}
        rowId={({ name }) => name}
        linkOf={({ name }) => addresses.circuit(name)}
        stateOf={({ state }) => state}
        empty={null}
      />
    </Panel>
  );
}
