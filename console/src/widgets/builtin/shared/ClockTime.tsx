import { formatClock, formatLocal } from '../../../format/time';

/** The time of day of a message in milliseconds, with the date as its title. Their ages would all be the same in a fast queue. */
export function ClockTime({ nanos }: { nanos: bigint }) {
  return <span title={formatLocal(nanos) ?? nanos.toString()}>{formatClock(nanos)}</span>;
}
