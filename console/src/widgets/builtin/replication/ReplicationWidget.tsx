import { Link } from 'react-router';
import { addresses } from '../../../app/addresses';
import { EmptyState } from '../../../components/page/EmptyState';
import { replicationRemedies } from '../../../live/remedies';
import type { BuiltinProps } from '../../types';
import { choiceIn } from '../shared/config';
import { useHeldOverview } from '../shared/useHeld';
import { WidgetBody } from '../shared/WidgetBody';
import { WidgetTable, type WidgetColumn } from '../shared/WidgetTable';
import { copiesOf, kinds, type Copy } from './copies';

const columns: readonly WidgetColumn<Copy>[] = [
  { id: 'name', title: 'Name', value: ({ name }) => name, cell: ({ name, href }) => (href === null ? name : <Link to={href}>{name}</Link>) },
  { id: 'state', title: 'State', kind: 'state', value: ({ state }) => state },
  { id: 'role', title: 'Role', minor: true, value: ({ role }) => role },
  { id: 'lag', title: 'Lag', kind: 'number', value: ({ lag }) => lag },
  { id: 'detail', title: 'Detail', folds: true, value: ({ detail }) => detail },
];

/** Copies of queues and maps on other hosts. */
export default function ReplicationWidget({ config, time }: BuiltinProps) {
  const overview = useHeldOverview(time.isPaused);
  const kind = choiceIn(config, 'through', kinds);
  const rows = copiesOf(overview, kind);
  const troubled = rows.filter(({ state }) => state in replicationRemedies);
  return (
    <WidgetBody
      name="replication"
      head={
        rows.length > 0 && (
          <>
            <Link to={addresses.replication}>{rows.length === 1 ? '1 copy' : `${rows.length} copies`}</Link>
            <span>{troubled.length === 0 ? 'none with a problem' : `${troubled.length} with a problem`}</span>
          </>
        )
      }
    >
      {rows.length === 0 ? (
        <EmptyState title={kind === 'all' ? 'Nothing is replicated.' : `Nothing is replicated through ${kind}.`}>
          Name queues and maps under <code>Estream:Replication:Publish</code> and <code>Follow</code>, replicas under <code>Estream:Replicas</code>, or publishers under <code>Estream:Multicast</code>.
        </EmptyState>
      ) : (
        <WidgetTable label="Copies" columns={columns} rows={rows} rowId={({ id }) => id} stateOf={({ state }) => state} />
      )}
    </WidgetBody>
  );
}
