import { Page } from '../../app/Page';
import { EmptyState } from '../../components/page/EmptyState';
import { MulticastPanel } from '../../components/parts/MulticastPanel';
import { ReplicaPanel } from '../../components/parts/ReplicaPanel';
import { useOverview } from '../../live/LiveContext';

export default function ReplicationPage() {
  const { multicast, replicas } = useOverview();
  return (
    <Page title="Replication">
      {multicast.length + replicas.length === 0 && <EmptyState title="Nothing is replicated." />}
      {multicast.length > 0 && <MulticastPanel parts={multicast} />}
      {replicas.length > 0 && <ReplicaPanel parts={replicas} />}
    </Page>
  );
}
