import type { Adapter } from '../api/types';
import { formatCount } from '../format/number';
import { StateMark } from './StateMark';

export function AdapterItem({ adapter }: { adapter: Adapter }) {
  const { name, type, state, detail, connections, receivedTotal, rejectedTotal } = adapter;
  return (
    <li className="adapter" data-adapter={name} data-state={state}>
      <p className="adapter-name">
        <strong>{name}</strong> <span>{type}</span>
      </p>
      <p className="adapter-state">
        <StateMark state={state} />
        {state}
      </p>
      {detail !== '' && <p className="adapter-detail">{detail}</p>}
      <dl className="adapter-figures">
        <div>
          <dt>Connections</dt>
          <dd>{formatCount(connections)}</dd>
        </div>
        <div>
          <dt>Received</dt>
          <dd>{formatCount(receivedTotal)}</dd>
        </div>
        <div data-warn={rejectedTotal > 0 ? '' : undefined}>
          <dt>Rejected</dt>
          <dd>{formatCount(rejectedTotal)}</dd>
        </div>
      </dl>
    </li>
  );
}
