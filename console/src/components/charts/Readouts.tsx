import type { Overview } from '../../api/types';
import { formatBytes, formatCount, formatRate } from '../../format/number';

/** The six most important metrics of the host. */
export function Readouts({ overview }: { overview: Overview }) {
  const { queues, maps, adapters } = overview;
  const rejected = sum(adapters, (adapter) => adapter.rejectedTotal);
  const figures: { name: string; label: string; value: string; unit?: string; warn?: boolean }[] = [
    { name: 'rate', label: 'Appended', value: formatRate(sum(queues, (queue) => queue.ratePerSecond)), unit: '/s' },
    { name: 'messages', label: 'Messages stored', value: formatCount(sum(queues, (queue) => queue.messages)) },
    { name: 'bytes', label: 'On disk', ...split(formatBytes(sum(queues, (queue) => queue.bytes))) },
    { name: 'entries', label: 'Map entries', value: formatCount(sum(maps, (map) => map.entries)) },
    { name: 'connections', label: 'Connections', value: formatCount(sum(adapters, (adapter) => adapter.connections)) },
    { name: 'rejected', label: 'Rejected', value: formatCount(rejected), warn: rejected > 0 },
  ];
  return (
    <dl className="readouts">
      {figures.map(({ name, label, value, unit, warn }) => (
        <div key={name} className="readout" data-figure={name} data-warn={warn ? '' : undefined}>
          <dt>{label}</dt>
          <dd>
            {value}
            {unit !== undefined && <span className="unit">{unit}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function sum<T>(items: readonly T[], figure: (item: T) => number): number {
  return items.reduce((total, item) => total + figure(item), 0);
}

function split(text: string): { value: string; unit: string } {
  const [value = '', unit = ''] = text.split(' ');
  return { value, unit: ` ${unit}` };
}
