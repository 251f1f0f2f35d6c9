import { formatIso, formatLocal } from '../../format/time';

/** A time in nanoseconds: as local time, as ISO 8601 and as the integer. */
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
