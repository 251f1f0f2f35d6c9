import { useMemo, useState } from 'react';
import { attestationHref, fetchAttestations } from '../../api/client';
import { formatCount } from '../../format/number';
import { formatClockOfMs } from '../../format/time';
import { useAnswer } from '../../live/useAnswer';

const shown = 5;
const rootDigits = 16;

/** The last attestations of a queue, loaded when the list is opened; each can be downloaded as a file. */
export function Attestations({ queue, attested }: { queue: string; attested: number }) {
  const [isOpen, setIsOpen] = useState(false);
  // `attested` is a dependency, so the list is loaded again after each new attestation.
  const found = useAnswer(
    useMemo(() => (isOpen && attested > 0 ? (signal: AbortSignal) => fetchAttestations(queue, shown, signal) : null), [isOpen, queue, attested]),
  );

  return (
    <details className="part-more" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Attestations</summary>
      {typeof found === 'string' ? (
        <p className="part-detail">{found}</p>
      ) : (
        <ol className="attestations" aria-label={`Last attestations of ${queue}, newest first`}>
          {(found?.answer ?? []).toReversed().map(({ number, messages, signedAt, root }) => (
            <li key={number}>
              <a href={attestationHref(queue, number)} download>
                Attestation {number}
              </a>{' '}
              {formatCount(messages)} messages, signed {formatClockOfMs(signedAt)}, root <span className="value">{root.slice(0, rootDigits)}…</span>
            </li>
          ))}
        </ol>
      )}
    </details>
  );
}
