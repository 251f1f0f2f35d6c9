import { AnswerError } from '../../../components/page/AnswerError';
import { formatCount, formatOneIn } from '../../../format/number';
import { formatClock } from '../../../format/time';
import type { Message } from '../../../api/types';
import { mostMessages } from './searchState';
import { useLate } from './useLate';
import { waitShownMs, type MessageSearch } from './useMessageSearch';

interface Props {
  search: MessageSearch;
  newestFirst: boolean;
  follows: boolean;
  /** Whether the list waits because a row has the focus. */
  reading: boolean;
  narrowed: boolean;
}

/** What the list shows, and how far the host has searched. */
export function SearchStatus({ search, newestFirst, follows, reading, narrowed }: Props) {
  const { running, progress, end, error, cancelled, messages, followNote } = search;
  const waits = useLate(running && progress === null, waitShownMs);
  if (error !== null && messages.length > 0) {
    return <AnswerError what="The queue" error={error} onRetry={search.again} />;
  }
  return (
    <div className="search-status">
      <p className="soft" data-status>
        {statusText({ running, cancelled, newestFirst, follows, reading, narrowed, messages, reason: end?.reason ?? null })}
        {waits && ' The search waits for other searches of the host to end.'}
        {followNote !== '' && <span className="cell-warn"> {followNote}</span>}
        {progress !== null && running && (
          <>
            {' '}
            {formatCount(progress.scanned)} read, {formatCount(progress.matched)} match, at {formatClock(progress.time)}
          </>
        )}
        {end !== null && narrowed && (
          <>
            {' '}
            {formatCount(end.scanned)} read, {formatCount(end.matched)} match
          </>
        )}
      </p>
      {running && progress !== null && <progress className="search-progress" aria-label="Searched" max={1} value={progress.fraction} />}
      {running && (narrowed || waits) && (
        <button type="button" className="button button-small" onClick={search.cancel}>
          Cancel
        </button>
      )}
      {!running && (cancelled || end?.reason === 'budget') && (
        <button type="button" className="button button-small" onClick={search.more ?? search.again}>
          {search.more === undefined ? 'Search again' : 'Continue'}
        </button>
      )}
    </div>
  );
}

interface Status {
  running: boolean;
  cancelled: boolean;
  newestFirst: boolean;
  follows: boolean;
  reading: boolean;
  narrowed: boolean;
  messages: readonly Message[];
  reason: string | null;
}

function statusText({ running, cancelled, newestFirst, follows, reading, narrowed, messages, reason }: Status): string {
  if (cancelled) {
    return 'Search cancelled.';
  }
  if (running && narrowed) {
    return 'Searching…';
  }
  const order = newestFirst ? 'newest first' : 'oldest first';
  if (newestFirst && !follows) {
    return `paused, ${order}.`;
  }
  if (newestFirst && reading) {
    return 'paused while the list has focus.';
  }
  if (reason === 'budget') {
    return `${order}; the host searched only a part of the queue.`;
  }
  if (messages.length >= mostMessages) {
    return `${order}; ${formatCount(mostMessages)} messages shown, the maximum. Seek to see other messages.`;
  }
  return `${order}${newestFirst && !narrowed ? sampleNote(messages) : ''}.`;
}

/** Of a fast queue, a followed list shows a sample. */
function sampleNote(messages: readonly Message[]): string {
  const [newest, oldest] = [messages[0], messages.at(-1)];
  if (newest === undefined || oldest === undefined) {
    return '';
  }
  const ratio = (Number(newest.sequence - oldest.sequence) + 1) / messages.length;
  return ratio < 1.5 ? '' : `, ${formatOneIn(ratio)} shown`;
}
