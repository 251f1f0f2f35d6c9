import { useCallback, useEffect, useState, type FormEvent } from 'react';
import { Link } from 'react-router';
import { addresses } from '../../../app/addresses';
import { failureText } from '../../../api/http';
import { appendMessage, type QueueDetail } from '../../../api/queues';
import { fetchSchema } from '../../../api/schemas';
import { AnswerError } from '../../../components/page/AnswerError';
import { Dialog } from '../../../components/page/Dialog';
import { EmptyState } from '../../../components/page/EmptyState';
import { useFetch } from '../../../live/useFetch';
import { FieldInput } from './FieldInput';
import { initialTexts, messageOf, textOf } from './formFields';

interface Props {
  queue: QueueDetail;
  onClose: () => void;
}

/** Appends one message, by a form that is made from the schema of the queue. */
export function PublishDialog({ queue, onClose }: Props) {
  const [schema, setSchema] = useState(queue.schemas[0] ?? '');
  const load = useCallback((signal: AbortSignal) => fetchSchema(schema, signal), [schema]);
  const { data: known, error, loading, reload } = useFetch(schema === '' ? null : load);
  const isPrivate = known?.isPrivate === true;
  const fields = known === null || isPrivate ? null : known.fields;
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [sent, setSent] = useState<bigint | null>(null);

  useEffect(() => {
    if (fields !== null) {
      setTexts(initialTexts(fields, Date.now()));
      setFaults({});
    }
  }, [fields]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = messageOf(fields ?? [], texts);
    setSent(null);
    setFailure(null);
    if ('faults' in made) {
      setFaults(made.faults);
      return;
    }
    setFaults({});
    try {
      setSent(await appendMessage(queue.name, schema, made.message));
    } catch (cause) {
      setFailure(failureText(cause));
    }
  };

  return (
    <Dialog title={`Publish to ${queue.name}`} onClose={onClose}>
      {queue.schemas.length === 0 ? (
        <EmptyState title="The schema of the queue is not known.">The form needs a schema, which the host takes from the newest messages or the configuration.</EmptyState>
      ) : (
        <form className="form" onSubmit={(event) => void submit(event)} noValidate>
          {queue.schemas.length > 1 && (
            <label className="form-field">
              Schema
              <select value={schema} onChange={(event) => setSchema(event.target.value)}>
                {queue.schemas.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            </label>
          )}
          {loading && <p className="soft">Reading the schema {schema}…</p>}
          {error !== null && <AnswerError what={`Schema ${schema}`} error={error} onRetry={reload} />}
          {isPrivate && <p className="failure">{schema} has private fields, which only an adapter or a client can seal. Send the message to an adapter.</p>}
          {fields?.map((field) => (
            <FieldInput key={field.name} field={field} text={textOf(texts, field.name) ?? ''} fault={textOf(faults, field.name)} onText={(text) => setTexts({ ...texts, [field.name]: text })} />
          ))}
          <div role="status">
            {failure !== null && <p className="failure">{failure}</p>}
            {sent !== null && (
              <p>
                Stored as{' '}
                <Link to={addresses.message(queue.name, sent)} onClick={onClose}>
                  message {sent.toString()}
                </Link>
                .
              </p>
            )}
          </div>
          <div className="dialog-actions">
            <button type="submit" className="button button-primary" disabled={fields === null}>
              Publish
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
