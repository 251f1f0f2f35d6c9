import { useMemo } from 'react';
import { fetchAlerts, type Alert } from '../../api/alerts';
import { Page } from '../../app/Page';
import { EmptyState } from '../../components/page/EmptyState';
import { Panel } from '../../components/page/Panel';
import { inTroubleFirst } from '../../components/parts/inTroubleFirst';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { reasonText, thresholdText, valueText } from '../../format/alertValue';
import { formatSeconds } from '../../format/number';
import { useIsLive } from '../../live/LiveContext';
import { useFetch } from '../../live/useFetch';
import { AlertDetail } from './AlertDetail';
import { AlertLog } from './AlertLog';
import { AlertStateCell } from './AlertStateCell';
import { severityOf } from './alertText';

const pollMs = 2000;

const columns: readonly Column<Alert>[] = [
  { id: 'name', title: 'Rule', value: ({ name }) => name, show: 'always', width: 'minmax(10rem, 16rem)' },
  { id: 'state', title: 'State', kind: 'state', value: ({ state }) => state, cell: (alert) => <AlertStateCell {...alert} />, width: '7rem' },
  { id: 'severity', title: 'Severity', value: ({ severity }) => severity, width: '6rem' },
  { id: 'since', title: 'Since', kind: 'time', value: ({ since }) => since },
  { id: 'value', title: 'Value', kind: 'count', value: ({ value }) => value, cell: valueText },
  {
    id: 'condition',
    title: 'Condition',
    value: ({ comparison, threshold }) => `${comparison} ${threshold}`,
    cell: (alert) => `${thresholdText(alert)} for ${formatSeconds(alert.forSeconds)}`,
    width: 'minmax(12.5rem, 1fr)',
  },
  { id: 'series', title: 'Series', value: ({ series }) => series, width: 'minmax(10rem, 2fr)' },
  { id: 'detail', title: 'Detail', value: reasonText, width: 'minmax(10rem, 2fr)', show: 'chosen' },
];

/** The alert rules, those that fire first, and the changes of their states. */
export default function AlertsPage() {
  const { data, error, reload } = useFetch(fetchAlerts, { everyMs: pollMs, active: useIsLive() });
  const rows = useMemo(() => (data === null ? null : inTroubleFirst(data, severityOf)), [data]);
  const firing = data?.filter(({ state }) => state === 'firing').length ?? 0;
  return (
    <Page title="Alerts" note={data === null || data.length === 0 ? undefined : firing === 0 ? 'none fires' : `${firing} of ${data.length} firing`}>
      <Panel id="rules" title="Rules">
        <DataTable
          name="alerts"
          label="Alert rules"
          columns={columns}
          rows={rows}
          rowId={({ name }) => name}
          stateOf={({ state }) => state}
          detailOf={(alert) => <AlertDetail alert={alert} />}
          error={error}
          onRetry={reload}
          empty={
            <EmptyState title="No alert rule is configured.">
              Add a rule under <code>Estream:Alerts:Rules</code> with <code>Series</code>, <code>Above</code> or <code>Below</code>, and <code>ForSeconds</code>.
            </EmptyState>
          }
        />
      </Panel>
      <AlertLog />
    </Page>
  );
}
