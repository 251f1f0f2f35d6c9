import { useCallback } from 'react';
import { fetchInclusion } from '../../api/client';
import { formatCount } from '../../format/number';
import { formatClockOfMs } from '../../format/time';
import { useAnswer } from '../../live/useAnswer';

/** Whether a message is attested, with a link to the proof file; the host creates the proof for each request. */
export function ProofValue({ queue, sequence }: { queue: string; sequence: bigint }) {
  const found = useAnswer(useCallback((signal: AbortSignal) => fetchInclusion(queue, sequence, signal), [queue, sequence]));
  if (found === null || typeof found === 'string' || found.answer === null) {
    return <span className="soft">{found === null ? '…' : typeof found === 'string' ? found : 'not attested yet'}</span>;
  }
  const { index, attestation, file } = found.answer;
  return (
    <>
      leaf {index.toString()} of {formatCount(attestation.messages)}, attestation {attestation.number} signed {formatClockOfMs(attestation.signedAt)}{' '}
      {file === null ? (
        <span className="soft">the proof contains private values: create it with estream witness prove</span>
      ) : (
        <a href={file} download>
          Download proof
        </a>
      )}
    </>
  );
}
