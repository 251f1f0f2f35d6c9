import { formatIso, formatLocal } from '../../format/time';

/** A time in nanoseconds: local, ISO, and the integer it is. */
export function TimeValue({ nanos }: { nanos: bigint }) {
  const local = formatLocal(nanos);
  const iso = formatIso(nanos);
  return (
    <span className="time-value">
      {local !== null && <span>{local}</span>}
      {iso !== null && <time dateTime={iso}>{iso}</time>}
      <span className="soft">{nanos.toString()} ns</span>
    </span>
  );
}
