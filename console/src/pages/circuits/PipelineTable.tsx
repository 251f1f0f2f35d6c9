import { useMemo } from 'react';
import { Link } from 'react-router';
import type { Pipeline } from '../../api/types';
import { addresses } from '../../app/addresses';
import { Panel } from '../../components/page/Panel';
import { inTroubleFirst } from '../../components/parts/inTroubleFirst';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { useOverview } from '../../live/LiveContext';
import { PipelineDetail } from './PipelineDetail';

const columns: readonly Column<Pipeline>[] = [
  { id: 'name', title: 'Pipeline', value: ({ name }) => name, show: 'always', width: 'minmax(7rem, 12rem)' },
  { id: 'state', title: 'State', kind: 'state', value: ({ state }) => state, width: '6.5rem' },
  { id: 'detail', title: 'Reason', value: ({ detail }) => detail, width: 'minmax(12rem, 3fr)', sortable: false },
  { id: 'queue', title: 'Reads', value: ({ queue }) => queue, cell: ({ queue }) => <Link to={addresses.queue(queue)}>{queue}</Link>, width: 'minmax(7rem, 12rem)' },
  { id: 'output', title: 'Output', value: ({ output }) => output, cell: ({ output }) => <OutputLink output={output} />, width: 'minmax(7rem, 12rem)' },
  { id: 'rate', title: 'Read/s', kind: 'rate', value: ({ ratePerSecond }) => ratePerSecond, width: '4.5rem' },
  { id: 'lag', title: 'Lag', kind: 'bytes', value: ({ lagBytes }) => lagBytes, width: '5rem' },
  { id: 'read', title: 'Read', kind: 'count', value: ({ readTotal }) => readTotal, width: '5.5rem' },
  { id: 'rejected', title: 'Rejected', kind: 'count', value: ({ rejectedTotal }) => rejectedTotal, width: '5rem' },
  { id: 'late', title: 'Late', kind: 'count', value: ({ lateTotal }) => lateTotal, show: 'chosen' },
  { id: 'dropped', title: 'Dropped', kind: 'count', value: ({ droppedTotal }) => droppedTotal, show: 'chosen' },
];

export function PipelineTable({ pipelines }: { pipelines: readonly Pipeline[] }) {
  const rows = useMemo(() => inTroubleFirst(pipelines), [pipelines]);
  const running = pipelines.filter(({ state }) => state === 'running').length;
  return (
    <Panel id="pipelines" title="Pipelines" note={`${running} of ${pipelines.length} running`}>
      <DataTable
        name="pipelines"
        label="Pipelines"
        columns={columns}
        rows={rows}
        rowId={({ name }) => name}
        stateOf={({ state }) => state}
        detailOf={(pipeline) => <PipelineDetail pipeline={pipeline} />}
        empty={null}
      />
    </Panel>
  );
}

/** The output of a pipeline is a queue or a map. */
function OutputLink({ output }: { output: string }) {
  const { maps } = useOverview();
  const isMap = maps.some(({ name }) => name === output);
  return <Link to={isMap ? addresses.map(output) : addresses.queue(output)}>{output}</Link>;
}
