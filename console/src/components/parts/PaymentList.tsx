import { useCallback, useState } from 'react';
import { fetchWaitingPayments, paymentLimit } from '../../api/client';
import { formatCount } from '../../format/number';
import { formatClockOfMs } from '../../format/time';
import { useFetch } from '../../live/useFetch';

const pollMs = 2000;

/** The payments of an adapter that wait for their answer, loaded while the list is open. */
export function PaymentList({ adapter, count }: { adapter: string; count: number }) {
  const [isOpen, setIsOpen] = useState(false);
  const load = useCallback((signal: AbortSignal) => fetchWaitingPayments(adapter, signal), [adapter]);
  const { data, error } = useFetch(load, { everyMs: pollMs, active: isOpen });
  return (
    <details className="part-more" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Payments without an answer ({formatCount(count)})</summary>
      {error !== null ? (
        <p className="part-detail">{error.message}</p>
      ) : (
        <>
          <ol className="attestations" aria-label={`Payments of ${adapter} without an answer`}>
            {(data ?? []).map(({ messageId, index, endToEndId, isReceived, status, recordedAt, deadlineAt }) => (
              <li key={`${messageId}/${index}`} data-payment={messageId}>
                <strong>{messageId}</strong>, payment {formatCount(index + 1)}
                {endToEndId !== null && <> ({endToEndId})</>}: {isReceived ? 'the peer has it' : 'not sent, or without a response'}
                {status !== null && <>, status {status}</>}, since {formatClockOfMs(recordedAt)}, times out at {formatClockOfMs(deadlineAt)}
              </li>
            ))}
          </ol>
          {data?.length === paymentLimit && <p className="part-detail">Only the oldest {formatCount(paymentLimit)} are listed.</p>}
        </>
      )}
    </details>
  );
}
