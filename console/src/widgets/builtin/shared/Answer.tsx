import type { ReactNode } from 'react';
import { AnswerError, StaleNotice } from '../../../components/page/AnswerError';
import type { Fetched } from '../../../live/useFetch';
import { Reading } from './Reading';

interface Props<T> {
  /** The data that is read, as the beginning of a sentence: "The map". */
  what: string;
  fetched: Fetched<T>;
  children: (data: T) => ReactNode;
}

/** The newest answer, or why the host has not answered. An old answer stays below the reason. */
export function Answer<T>({ what, fetched: { data, error, reload }, children }: Props<T>) {
  if (data === null) {
    return error === null ? <Reading /> : <AnswerError what={what} error={error} onRetry={reload} />;
  }
  return (
    <>
      <StaleNotice what={what} error={error} onRetry={reload} />
      {children(data)}
    </>
  );
}
