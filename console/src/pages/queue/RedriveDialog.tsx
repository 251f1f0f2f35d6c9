import { useState } from 'react';
import { Link } from 'react-router';
import { addresses } from '../../app/addresses';
import { failureText } from '../../api/http';
import { redrive, type QueueDetail, type RedriveAnswer } from '../../api/queues';
import { Dialog } from '../../components/page/Dialog';
import { formatCount } from '../../format/number';

const longest = 1024;
const most = 100_000;

interface Props {
  queue: QueueDetail;
  onClose: () => void;
  onChanged: () => void;
}

/** Sends the original messages of dead letters through the mapping of their adapters again. A check first shows what would happen. */
export function RedriveDialog({ queue, onClose, onChanged }: Props) {
  const [where, setWhere] = useState('');
  const [limit, setLimit] = useState('1000');
  const [answer, setAnswer] = useState<{ checked: boolean; from: bigint; result: RedriveAnswer } | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const count = Number(limit);
  const valid = Number.isInteger(count) && count >= 1 && count <= most;

  const send = async (dryRun: boolean, from: bigint) => {
    setAsking(true);
    try {
      const result = await redrive(queue.name, { where, from, limit: count, dryRun });
      setAnswer({ checked: dryRun, from, result });
      setFailure(null);
      if (!dryRun) {
        onChanged();
      }
    } catch (cause) {
      setFailure(failureText(cause));
    }
    setAsking(false);
  };

  return (
    <Dialog
      title={`Redrive dead letters of ${queue.name}`}
      onClose={onClose}
      actions={
        <>
          <button type="button" className="button" disabled={!valid || asking} onClick={() => void send(true, 0n)}>
            Check
          </button>
          {answer?.result.hasMore === true && (
            <button type="button" className="button" disabled={!valid || asking} onClick={() => void send(true, answer.result.next)}>
              Check from #{answer.result.next.toString()}
            </button>
          )}
          <button type="button" className="button button-primary" disabled={answer?.checked !== true || answer.result.sent === 0 || asking} onClick={() => void send(false, answer?.from ?? 0n)}>
            {answer?.checked === true ? `Redrive ${formatCount(answer.result.sent)}` : 'Redrive'}
          </button>
        </>
      }
    >
      <p className="soft">The adapter maps each original message again. The host stores a message that fits now, and keeps the dead letter. The host records the redrive in its audit trail.</p>
      <label className="form-field">
        Only where
        <input
          type="text"
          value={where}
          maxLength={longest}
          placeholder={'source == "devices"'}
          spellCheck={false}
          onChange={(event) => {
            setWhere(event.target.value);
            setAnswer(null);
          }}
        />
      </label>
      <label className="form-field">
        At most
        <input
          type="text"
          inputMode="numeric"
          value={limit}
          aria-invalid={!valid}
          onChange={(event) => {
            setLimit(event.target.value.trim());
            setAnswer(null);
          }}
        />
      </label>
      <div role="status">
        {failure !== null && <p className="failure">{failure}</p>}
        {answer !== null && (
          <>
            <p>
              {formatCount(answer.result.sent)} {answer.checked ? 'would be stored' : 'stored'}, {formatCount(answer.result.refused)} refused again
              {answer.result.hasMore && `; there are more from #${answer.result.next}`}.
            </p>
            <ul className="plain-list dialog-list">
              {answer.result.deadLetters.slice(0, 50).map(({ sequence, source, topic, reason }) => (
                <li key={String(sequence)}>
                  <Link to={addresses.message(queue.name, sequence)} onClick={onClose}>
                    #{sequence.toString()}
                  </Link>{' '}
                  {source} <span className="soft">{topic}</span> {reason === '' ? (answer.checked ? 'fits now' : 'stored') : reason}
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </Dialog>
  );
}
