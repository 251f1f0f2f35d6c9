import { StatusError } from '../../api/http';
import { DecodeError } from '../../api/reader';
import { EmptyState } from './EmptyState';

interface Props {
  /** What could not be read, as the beginning of a sentence: "The queue". */
  what: string;
  error: Error;
  onRetry?: () => void;
}

/** Why an answer cannot be shown: the host refused, sent something else than documented, or did not respond. */
export function AnswerError({ what, error, onRetry }: Props) {
  const { title, detail } = explain(what, error);
  return (
    <EmptyState title={title}>
      {detail}
      {onRetry !== undefined && (
        <>
          <br />
          <button type="button" className="button button-small" onClick={onRetry}>
            Try again
          </button>
        </>
      )}
    </EmptyState>
  );
}

/** Says above an old answer that the newest one cannot be shown; nothing without an error. */
export function StaleNotice({ what, error, onRetry }: Omit<Props, 'error'> & { error: Error | null }) {
  if (error === null) {
    return null;
  }
  const { title, detail } = explain(what, error);
  return (
    <p className="failure" role="status">
      {title} {detail} The last answer is shown.{' '}
      <button type="button" className="button button-small" onClick={onRetry}>
        Try again
      </button>
    </p>
  );
}

function explain(what: string, error: Error): { title: string; detail: string } {
  if (error instanceof DecodeError) {
    return { title: `${what} cannot be shown.`, detail: `${error.message} The page and the host may be of different versions: reload the page.` };
  }
  if (error instanceof SyntaxError) {
    return { title: `${what} cannot be shown.`, detail: `The host's answer was not understood: it is not JSON (${error.message}).` };
  }
  if (error instanceof StatusError) {
    const title =
      error.status === 404
        ? `${what}: the host has nothing at this address.`
        : error.status === 403
          ? `You may not see this.`
          : `${what} could not be read.`;
    return { title, detail: error.reason === '' ? error.message : error.reason };
  }
  return { title: `${what} could not be read.`, detail: 'The host did not respond.' };
}
