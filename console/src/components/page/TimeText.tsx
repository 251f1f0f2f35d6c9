import { formatAge, formatClock, formatLocal, toMs } from '../../format/time';
import { absoluteTimes } from '../../state/timeStyle';
import { useStore } from '../../state/store';
import { useNow } from '../../state/useNow';

const nanosPerMs = 1_000_000n;
const dayMs = 86_400_000;
const clockDifferenceMs = 2000;

/** A time in milliseconds (number) or nanoseconds (bigint) since 1970: its age or its clock time, as the user chose; the other as tooltip. */
export function TimeText({ at }: { at: number | bigint }) {
  const nanos = typeof at === 'bigint' ? at : BigInt(Math.round(at)) * nanosPerMs;
  const absolute = useStore(absoluteTimes);
  const now = useNow(1000, !absolute);
  const local = formatLocal(nanos) ?? nanos.toString();
  const ageMs = now - toMs(nanos);
  // The clocks of two machines differ a little, so a time in the near future is now.
  const age = ageMs < -clockDifferenceMs ? `in ${formatAge(-ageMs)}` : `${formatAge(ageMs)} ago`;
  return absolute ? <span title={age}>{Math.abs(ageMs) < dayMs ? formatClock(nanos) : local}</span> : <span title={local}>{age}</span>;
}
