import { useCallback } from 'react';
import { fetchInclusion } from '../../api/client';
import { formatCount } from '../../format/number';
import { formatClockOfMs } from '../../format/time';
import { useAnswer } from '../../live/useAnswer';

/** Whether a message is attested, and the file that proves it; asked of the host, which proves it anew. */
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
        <span className="soft">its contents are private: estream witness prove makes the file</span>
      ) : (
        <a href={file} download>
          Download proof
        </a>
      )}
    </>
  );
}
