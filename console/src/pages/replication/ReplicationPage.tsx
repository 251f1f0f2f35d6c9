import { useMemo } from 'react';
import type { ReplicatedPart } from '../../api/replication';
import { Page } from '../../app/Page';
import { HistoryCharts, type ChartSpec } from '../../components/charts/HistoryCharts';
import { EmptyState } from '../../components/page/EmptyState';
import { useOverview } from '../../live/LiveContext';
import { replicationRemedies } from '../../live/remedies';
import { useTimeRange } from '../../state/useTimeRange';
import { Brokers } from './Brokers';
import { MulticastTable } from './MulticastTable';
import { ReplicaTable } from './ReplicaTable';
import { ReplicatedTable } from './ReplicatedTable';

/** Lines that one chart shows at most, so that they can be told apart. */
const mostLines = 5;

/** Copies of queues and maps on other machines: through brokers, by files, and by multicast. */
export default function ReplicationPage() {
  const { replication, multicast, replicas } = useOverview();
  const time = useTimeRange();
  const names = replication.map(({ name }) => name).join('\n');
  const charts = useMemo(() => chartsOf(names === '' ? [] : names.split('\n')), [names]);
  return (
    <Page title="Replication" note={noteOf(replication)}>
      {replication.length + multicast.length + replicas.length === 0 && (
        <EmptyState title="Nothing is replicated.">
          Name queues and maps under <code>Estream:Replication:Publish</code> and <code>Follow</code>, replicas under <code>Estream:Replicas</code>, or publishers under{' '}
          <code>Estream:Multicast</code>.
        </EmptyState>
      )}
      {replication.length > 0 && (
        <>
          <ReplicatedTable parts={replication} />
          <HistoryCharts prefix="replication/" charts={charts} time={time} title="Lag" />
          <Brokers />
        </>
      )}
      {replicas.length > 0 && <ReplicaTable replicas={replicas} />}
      {multicast.length > 0 && <MulticastTable parts={multicast} />}
    </Page>
  );
}

function noteOf(parts: readonly ReplicatedPart[]): string | undefined {
  const problems = parts.filter(({ state }) => state in replicationRemedies).length;
  return parts.length === 0 ? undefined : `${problems === 0 ? 'none' : problems} of ${parts.length} with a problem`;
}

function chartsOf(names: readonly string[]): ChartSpec[] {
  const lines = (measure: string) => names.slice(0, mostLines).map((name) => ({ name: `replication/${name}/${measure}`, label: name }));
  return [
    { title: 'Lag in time', series: lines('lag-seconds') },
    { title: 'Unconfirmed messages', series: lines('lag-messages') },
  ];
}
