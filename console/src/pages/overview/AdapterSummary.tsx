import { Link } from 'react-router';
import { addresses } from '../../app/addresses';
import type { Adapter } from '../../api/types';
import { EmptyState } from '../../components/page/EmptyState';
import { Panel } from '../../components/page/Panel';
import { ScrollBox } from '../../components/page/ScrollBox';
import { StateMark } from '../../components/states/StateMark';
import { formatCount } from '../../format/number';

const order = ['unhealthy', 'degraded', 'paused', 'healthy'];

/** Each adapter in one line, those with problems first. */
export function AdapterSummary({ adapters }: { adapters: readonly Adapter[] }) {
  const healthy = adapters.filter(({ state }) => state === 'healthy').length;
  const sorted = adapters.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  return (
    <Panel id="adapters" title="Adapters" note={adapters.length > 0 ? `${healthy} of ${adapters.length} healthy` : undefined}>
      {adapters.length === 0 ? (
        <EmptyState title="No adapter is configured.">
          Add an adapter under <code>Estream:Adapters</code> in appsettings.json.
        </EmptyState>
      ) : (
        <ScrollBox className="summary-scroll" label="List of adapters">
          <table className="figures">
            <caption className="visually-hidden">Adapters, those with problems first</caption>
            <thead>
              <tr>
                <th scope="col">Adapter</th>
                <th scope="col">Connections</th>
                <th scope="col">Received</th>
                <th scope="col">Rejected</th>
              </tr>
            </thead>
            <tbody>
              {sorted.map(({ name, type, state, connections, receivedTotal, rejectedTotal }) => (
                <tr key={name} data-part={name} data-state={state}>
                  <th scope="row">
                    <span className="cell-state">
                      <StateMark state={state} />
                      <Link to={addresses.adapter(name)}>{name}</Link>
                      <span className="soft">{type}</span>
                      {state !== 'healthy' && <span className="visually-hidden">{state}</span>}
                    </span>
                  </th>
                  <td>{formatCount(connections)}</td>
                  <td>{formatCount(receivedTotal)}</td>
                  <td data-warn={rejectedTotal > 0 ? '' : undefined}>{formatCount(rejectedTotal)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
    </Panel>
  );
}
