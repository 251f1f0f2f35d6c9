import { Link } from 'react-router';
import type { Adapter } from '../../../api/types';
import { addresses } from '../../../app/addresses';
import { EmptyState } from '../../../components/page/EmptyState';
import { StateMark } from '../../../components/states/StateMark';
import type { BuiltinProps } from '../../types';
import { choiceIn, namesIn } from '../shared/config';
import { useHeldOverview } from '../shared/useHeld';
import { WidgetBody } from '../shared/WidgetBody';
import { WidgetTable, type WidgetColumn } from '../shared/WidgetTable';
import { countsOf, filters, missingNames, mostAdapters, shownAdapters } from './adapterHealth';

const columns: readonly WidgetColumn<Adapter>[] = [
  { id: 'name', title: 'Adapter', value: ({ name }) => name, cell: ({ name }) => <Link to={addresses.adapter(name)}>{name}</Link> },
  { id: 'state', title: 'State', kind: 'state', value: ({ state }) => state },
  { id: 'detail', title: 'Detail', folds: true, value: ({ detail }) => detail },
  { id: 'connections', title: 'Connections', kind: 'count', value: ({ connections }) => connections },
  { id: 'received', title: 'Received', kind: 'count', minor: true, value: ({ receivedTotal }) => receivedTotal },
  { id: 'rejected', title: 'Rejected', kind: 'count', minor: true, value: ({ rejectedTotal }) => rejectedTotal },
  { id: 'restarts', title: 'Restarts', kind: 'count', minor: true, value: ({ restarts }) => restarts },
];

/** The state of all or the chosen adapters. */
export default function AdapterHealthWidget({ config, time }: BuiltinProps) {
  const { adapters } = useHeldOverview(time.isPaused);
  const names = namesIn(config, 'adapters', mostAdapters);
  const filter = choiceIn(config, 'filter', filters);
  const rows = shownAdapters(adapters, names, filter);
  const counted = shownAdapters(adapters, names, 'all');
  const missing = missingNames(adapters, names);
  return (
    <WidgetBody
      name="adapter-health"
      head={countsOf(counted).map(({ state, count }) => (
        <span key={state} className="cell-state" data-count={state}>
          <StateMark state={state} />
          {count} {state}
        </span>
      ))}
    >
      {missing.length > 0 && <p className="bw-warn">This host has no adapter named {missing.join(', ')}.</p>}
      {adapters.length === 0 ? (
        <EmptyState title="This host has no adapter.">
          Add one under <code>Estream:Adapters</code>.
        </EmptyState>
      ) : rows.length === 0 ? (
        counted.length > 0 && <EmptyState title="All adapters work." />
      ) : (
        <WidgetTable label="Adapters" columns={columns} rows={rows} rowId={({ name }) => name} stateOf={({ state }) => state} />
      )}
    </WidgetBody>
  );
}
