import { useCallback, useState } from 'react';
import { fetchDevices } from '../../api/client';
import { formatCount, formatMs } from '../../format/number';
import { formatClockOfMs } from '../../format/time';
import { useFetch } from '../../live/useFetch';
import { StateMark } from '../states/StateMark';

const pollMs = 2000;

/** The devices of an adapter, loaded while the list is open. */
export function DeviceList({ adapter, count }: { adapter: string; count: number }) {
  const [isOpen, setIsOpen] = useState(false);
  const load = useCallback((signal: AbortSignal) => fetchDevices(adapter, signal), [adapter]);
  const { data, error } = useFetch(load, { everyMs: pollMs, active: isOpen });
  return (
    <details className="part-more" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Devices ({formatCount(count)})</summary>
      {error !== null ? (
        <p className="part-detail">{error.message}</p>
      ) : (
        <ol className="attestations" aria-label={`Devices of ${adapter}`}>
          {(data ?? []).map(({ name, address, state, detail, polls, errors, lastPollAt, jitterMicros }) => (
            <li key={name} data-device={name} data-state={state}>
              <StateMark state={state} /> <strong>{name}</strong> {address}: {formatCount(polls)} polls, {formatCount(errors)} errors
              {lastPollAt !== null && <>, last at {formatClockOfMs(lastPollAt)}</>}
              {jitterMicros !== null && <>, jitter {formatMs(jitterMicros / 1000)}</>}. {detail}
            </li>
          ))}
        </ol>
      )}
    </details>
  );
}
