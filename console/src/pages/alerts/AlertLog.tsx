import { useCallback } from 'react';
import { fetchAlertLog, type AlertChange } from '../../api/alerts';
import { EmptyState } from '../../components/page/EmptyState';
import { Panel } from '../../components/page/Panel';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { reasonText } from '../../format/alertValue';
import { useIsLive } from '../../live/LiveContext';
import { useFetch } from '../../live/useFetch';
import { AlertStateCell } from './AlertStateCell';

const shown = 200;
const pollMs = 5000;

const columns: readonly Column<AlertChange>[] = [
  { id: 'at', title: 'When', kind: 'time', value: ({ at }) => at, show: 'always' },
  { id: 'alert', title: 'Rule', value: ({ alert }) => alert, width: 'minmax(10rem, 16rem)' },
  { id: 'state', title: 'Became', kind: 'state', value: ({ state }) => state, cell: (change) => <AlertStateCell {...change} /> },
  { id: 'detail', title: 'Detail', value: reasonText, width: 'minmax(12rem, 3fr)' },
];

/** The changes of the states of alerts, newest first. */
export function AlertLog() {
  const load = useCallback(async (signal: AbortSignal) => (await fetchAlertLog(shown, signal))?.toReversed() ?? [], []);
  const { data, error, reload } = useFetch(load, { everyMs: pollMs, active: useIsLive() });
  return (
    <Panel id="log" title="Changes" note="newest first">
      <DataTable
        name="alert-log"
        label="Changes of alerts"
        columns={columns}
        rows={data}
        rowId={({ sequence }) => String(sequence)}
        error={error}
        onRetry={reload}
        empty={<EmptyState title="No alert has changed its state." />}
      />
    </Panel>
  );
}
