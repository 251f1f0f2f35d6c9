import type { Overview } from '../../../api/types';
import { addresses } from '../../../app/addresses';
import { inTroubleFirst } from '../../../components/parts/inTroubleFirst';
import { formatBytes, formatCount } from '../../../format/number';
import { formatDuration } from '../../../format/unit';

export const kinds = ['all', 'brokers', 'replicas', 'multicast'] as const;

/** The most rows that the widget draws. */
const mostRows = 100;

/** A copy of a queue or map that the host sends or receives. */
export interface Copy {
  id: string;
  name: string;
  through: Exclude<(typeof kinds)[number], 'all'>;
  role: string;
  state: string;
  lag: string;
  detail: string;
  /** The page of the queue or map; null if this host does not have it. */
  href: string | null;
}

/** The copies of a kind, those with trouble first. */
export function copiesOf({ replication, replicas, multicast }: Pick<Overview, 'replication' | 'replicas' | 'multicast'>, kind: (typeof kinds)[number]): Copy[] {
  const all: Copy[] = [
    ...replication.map(
      ({ name, kind: of, role, state, detail, lagSeconds, lagMessages }): Copy => ({
        id: `brokers ${of} ${name}`, name, through: 'brokers', role: `${role}, ${of}`, state, detail,
        lag: [lagSeconds < 0 ? null : formatDuration(lagSeconds), role === 'publisher' && lagMessages > 0 ? countText(lagMessages) : null].filter((one) => one !== null).join(', ') || '–',
        href: of === 'map' ? addresses.map(name) : addresses.queue(name),
      }),
    ),
    ...replicas.map(
      ({ name, source, state, detail, lagMessages }): Copy => ({ id: `replica ${name}`, name, through: 'replicas', role: `replica of ${source}`, state, detail, lag: countText(lagMessages), href: null }),
    ),
    ...multicast.map(
      ({ name, role, queue, state, detail, fallback, lagBytes }): Copy => ({
        id: `multicast ${name}`, name, through: 'multicast', role: `${role} of ${queue}`, state, lag: formatBytes(lagBytes),
        detail: detail !== '' || fallback === '' ? detail : `UDP instead of AF_XDP: ${fallback}`,
        href: addresses.queue(queue),
      }),
    ),
  ];
  return inTroubleFirst(all.filter(({ through }) => kind === 'all' || through === kind)).slice(0, mostRows);
}

function countText(messages: number): string {
  return messages === 1 ? '1 message' : `${formatCount(messages)} messages`;
}
