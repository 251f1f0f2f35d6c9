import { Link } from 'react-router';
import { fetchAlerts, type Alert } from '../../../api/alerts';
import { addresses } from '../../../app/addresses';
import { EmptyState } from '../../../components/page/EmptyState';
import { reasonText, thresholdText, valueText } from '../../../format/alertValue';
import { AlertStateCell } from '../../../pages/alerts/AlertStateCell';
import { addressOfSeries } from '../../../pages/alerts/addressOfSeries';
import type { BuiltinProps } from '../../types';
import { Answer } from '../shared/Answer';
import { choiceIn } from '../shared/config';
import { useWidgetFetch } from '../shared/useWidgetFetch';
import { WidgetBody } from '../shared/WidgetBody';
import { WidgetTable, type WidgetColumn } from '../shared/WidgetTable';
import { alertRows, ruleFilters, severities } from './alertRows';

const columns: readonly WidgetColumn<Alert>[] = [
  { id: 'name', title: 'Rule', value: ({ name }) => name, cell: ({ name, series }) => <Link to={addressOfSeries(series)?.to ?? addresses.alerts}>{name}</Link> },
  { id: 'state', title: 'State', kind: 'state', value: ({ state }) => state, cell: (alert) => <AlertStateCell {...alert} /> },
  { id: 'since', title: 'Since', kind: 'time', value: ({ since }) => since },
  { id: 'value', title: 'Value', kind: 'count', value: ({ value }) => value, cell: (alert) => <span title={reasonText(alert)}>{valueText(alert)}</span> },
  { id: 'condition', title: 'Condition', minor: true, value: ({ threshold }) => threshold, cell: thresholdText },
  { id: 'severity', title: 'Severity', minor: true, value: ({ severity }) => severity },
];

/** The alert rules of the host. */
export default function AlertsWidget({ config, time }: BuiltinProps) {
  const fetched = useWidgetFetch(fetchAlerts, time);
  const filter = choiceIn(config, 'rules', ruleFilters);
  const lowest = choiceIn(config, 'severity', severities);
  const firing = fetched.data?.filter(({ state }) => state === 'firing').length ?? 0;
  return (
    <WidgetBody name="alerts" head={fetched.data === null || fetched.data.length === 0 ? undefined : <span>{firing === 0 ? 'No rule fires' : `${firing} of ${fetched.data.length} rules fire`}</span>}>
      <Answer what="The list of alerts" fetched={fetched}>
        {(alerts) => {
          const rows = alertRows(alerts, filter, lowest);
          return alerts.length === 0 ? (
            <EmptyState title="No alert rule is configured.">
              Add a rule under <code>Estream:Alerts:Rules</code> with <code>Series</code>, <code>Above</code> or <code>Below</code>, and <code>ForSeconds</code>.
            </EmptyState>
          ) : rows.length === 0 ? (
            <EmptyState title="No rule to show.">No rule of this severity fires or is about to fire.</EmptyState>
          ) : (
            <WidgetTable label="Alert rules" columns={columns} rows={rows} rowId={({ name }) => name} stateOf={({ state }) => state} />
          );
        }}
      </Answer>
    </WidgetBody>
  );
}
