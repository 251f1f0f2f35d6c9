import type { Adapter } from '../../api/types';
import { formatCount } from '../../format/number';
import { EmptyState } from '../page/EmptyState';
import { Panel } from '../page/Panel';
import { DeviceList } from './DeviceList';
import { PartItem } from './PartItem';
import { PaymentList } from './PaymentList';

export function AdapterPanel({ adapters }: { adapters: readonly Adapter[] }) {
  const healthy = adapters.filter((adapter) => adapter.state === 'healthy').length;
  return (
    <Panel id="adapters" title="Adapters" note={adapters.length > 0 ? `${healthy} of ${adapters.length} healthy` : undefined}>
      {adapters.length === 0 ? (
        <EmptyState title="No adapter is configured.">
          Add one under <code>Estream:Adapters</code> in appsettings.json.
        </EmptyState>
      ) : (
        <ul className="parts">
          {adapters.map(({ name, type, state, detail, connections, receivedTotal, rejectedTotal, restarts, ...lists }) => (
            <PartItem
              key={name}
              name={name}
              kind={type}
              mark={state}
              state={state}
              detail={detail}
              figures={[
                { label: 'Connections', value: formatCount(connections) },
                { label: 'Received', value: formatCount(receivedTotal) },
                { label: 'Rejected', value: formatCount(rejectedTotal), warn: rejectedTotal > 0 },
                ...(restarts > 0 ? [{ label: 'Restarts', value: formatCount(restarts), warn: true }] : []),
              ]}
            >
              {lists.deviceCount > 0 && <DeviceList adapter={name} count={lists.deviceCount} />}
              {lists.waitingPaymentCount > 0 && <PaymentList adapter={name} count={lists.waitingPaymentCount} />}
            </PartItem>
          ))}
        </ul>
      )}
    </Panel>
  );
}
