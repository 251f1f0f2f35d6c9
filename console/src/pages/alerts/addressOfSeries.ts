import { addresses } from '../../app/addresses';

/** The page of the part that a series is about; null for a series of the host itself. */
export function addressOfSeries(series: string): { to: string; label: string } | null {
  const [kind = '', ...rest] = series.split('/');
  // A reader's name may contain a slash; the name of a part does not.
  const name = rest[0] ?? '';
  switch (kind) {
    case 'queue':
      return { to: addresses.queue(name), label: `queue ${name}` };
    case 'map':
      return { to: addresses.map(name), label: `map ${name}` };
    case 'adapter':
      return { to: addresses.adapter(name), label: `adapter ${name}` };
    case 'circuit':
      return { to: addresses.circuit(name), label: `circuit ${name}` };
    case 'pipeline':
      return { to: addresses.circuits, label: 'pipelines' };
    case 'replication':
      return { to: addresses.replication, label: 'replication' };
    default:
      return null;
  }
}
