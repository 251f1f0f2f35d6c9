import { useEffect, useState } from 'react';
import { fetchInclusion } from '../api/client';
import type { Inclusion } from '../api/types';
import { formatCount } from '../format/number';
import { formatClockOfMs } from '../format/time';

/** Whether a message is attested, and the file that proves it; asked of the host, which proves it anew. */
export function ProofValue({ queue, sequence }: { queue: string; sequence: bigint }) {
  const [found, setFound] = useState<Inclusion | string>('…');
  useEffect(() => {
    const stop = new AbortController();
    fetchInclusion(queue, sequence, stop.signal).then(
      (inclusion) => setFound(inclusion ?? 'not attested yet'),
      (failure: unknown) => {
        if (!stop.signal.aborted) {
          setFound(failure instanceof Error ? failure.message : 'The host did not answer.');
        }
      },
    );
    return () => stop.abort();
  }, [queue, sequence]);

  if (typeof found === 'string') {
    return <span className="soft">{found}</span>;
  }
  const { index, attestation, file } = found;
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
