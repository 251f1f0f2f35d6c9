import type { QueueDetail } from '../../api/queues';
import { Facts, type Fact } from '../../components/page/Facts';
import { TimeText } from '../../components/page/TimeText';
import { formatBytes, formatCount, formatRate } from '../../format/number';

export function QueueFacts({ queue }: { queue: QueueDetail }) {
  const slowest = queue.readers.reduce<number | null>((worst, { lagMessages }) => (lagMessages === null ? worst : Math.max(worst ?? 0, lagMessages)), null);
  const facts: Fact[] = [
    { label: 'Rate', value: `${formatRate(queue.ratePerSecond)} /s` },
    { label: 'Messages', value: formatCount(queue.messages) },
    { label: 'On disk', value: formatBytes(queue.bytes) },
    { label: 'Segments', value: formatCount(queue.segments), minor: true },
    { label: 'Durability', value: queue.durability, minor: true },
    ...(queue.firstTime === null ? [] : [{ label: 'Oldest', value: <TimeText at={queue.firstTime} />, minor: true }]),
    ...(queue.lastTime === null ? [] : [{ label: 'Newest', value: <TimeText at={queue.lastTime} /> }]),
    ...(slowest === null ? [] : [{ label: 'Largest lag', value: formatCount(slowest) }]),
  ];
  return <Facts facts={facts} />;
}
