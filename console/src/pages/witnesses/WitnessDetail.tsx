import { useCallback } from 'react';
import { Link } from 'react-router';
import { attestationHref, fetchAttestations } from '../../api/client';
import type { QueueWitness } from '../../api/types';
import { addresses } from '../../app/addresses';
import { AnswerError } from '../../components/page/AnswerError';
import { CopyButton } from '../../components/page/CopyButton';
import { TimeText } from '../../components/page/TimeText';
import { formatCount } from '../../format/number';
import { shortenMiddle } from '../../format/shorten';
import { useFetch } from '../../live/useFetch';

const shown = 20;
const pollMs = 5000;

/** The last attestations of a queue, newest first, each as a file. */
export function WitnessDetail({ witness: { name } }: { witness: QueueWitness }) {
  const load = useCallback((signal: AbortSignal) => fetchAttestations(name, shown, signal), [name]);
  const { data, error } = useFetch(load, { everyMs: pollMs });
  return (
    <div className="detail-text">
      <p>
        <Link to={addresses.queue(name)}>Messages of {name}</Link>
      </p>
      {error !== null && data === null && <AnswerError what="The list of attestations" error={error} />}
      <ol className="attestation-list" aria-label={`Last attestations of ${name}, newest first`}>
        {data?.toReversed().map(({ number, messages, signedAt, root }) => (
          <li key={number}>
            <a href={attestationHref(name, number)} download>
              {formatCount(number)}
            </a>{' '}
            <TimeText at={signedAt} />, {formatCount(messages)} messages, root <code title={root}>{shortenMiddle(root)}</code> <CopyButton text={root} what="root" />
          </li>
        ))}
      </ol>
    </div>
  );
}
