import { formatClock, formatLocal } from '../../../format/time';

/** The time of day of a message in milliseconds, with the date as its title. Ages of fast messages would all be the same. */
export function ClockTime({ nanos }: { nanos: bigint }) {
  return <span title={formatLocal(nanos) ?? nanos.toString()}>{formatClock(nanos)}</span>;
}
