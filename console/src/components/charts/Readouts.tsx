import { Link } from 'react-router';
import { addresses } from '../../app/addresses';
import type { Overview, Totals } from '../../api/types';
import { formatBytes, formatCount, formatRate } from '../../format/number';

/** The six most important metrics of the host, each with a link to its parts. */
export function Readouts({ overview }: { overview: Overview }) {
  const { adapters } = overview;
  const { messages, bytes, ratePerSecond, mapEntries } = totalsOf(overview);
  const rejected = sum(adapters, (adapter) => adapter.rejectedTotal);
  const figures: { name: string; label: string; value: string; to: string; unit?: string; warn?: boolean }[] = [
    { name: 'rate', label: 'Appended', value: formatRate(ratePerSecond), to: addresses.queues, unit: '/s' },
    { name: 'messages', label: 'Messages stored', value: formatCount(messages), to: addresses.queues },
    { name: 'bytes', label: 'On disk', ...split(formatBytes(bytes)), to: addresses.queues },
    { name: 'entries', label: 'Map entries', value: formatCount(mapEntries), to: addresses.maps },
    { name: 'connections', label: 'Connections', value: formatCount(sum(adapters, (adapter) => adapter.connections)), to: addresses.adapters },
    { name: 'rejected', label: 'Rejected', value: formatCount(rejected), to: addresses.adapters, warn: rejected > 0 },
  ];
  return (
    <dl className="readouts">
      {figures.map(({ name, label, value, to, unit, warn }) => (
        <div key={name} className="readout" data-figure={name} data-warn={warn ? '' : undefined}>
          <dt>
            <Link to={to}>{label}</Link>
          </dt>
          <dd>
            {value}
            {unit !== undefined && <span className="unit">{unit}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The overview lists the first queues and maps only, so the host sends the sums over all. */
export function totalsOf({ totals, queues, maps }: Pick<Overview, 'totals' | 'queues' | 'maps'>): Totals {
  return (
    totals ?? {
      messages: sum(queues, (queue) => queue.messages),
      bytes: sum(queues, (queue) => queue.bytes),
      ratePerSecond: sum(queues, (queue) => queue.ratePerSecond),
      mapEntries: sum(maps, (map) => map.entries),
    }
  );
}

function sum<T>(items: readonly T[], figure: (item: T) => number): number {
  return items.reduce((total, item) => total + figure(item), 0);
}

function split(text: string): { value: string; unit: string } {
  const [value = '', unit = ''] = text.split(' ');
  return { value, unit: ` ${unit}` };
}
