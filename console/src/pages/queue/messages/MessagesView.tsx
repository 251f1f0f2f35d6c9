import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import { addresses } from '../../../app/addresses';
import type { QueueDetail } from '../../../api/queues';
import type { Message } from '../../../api/types';
import { MessageDetail } from '../../../components/messages/MessageDetail';
import { useFieldHints } from '../../../components/messages/useFieldHints';
import { AnswerError } from '../../../components/page/AnswerError';
import { EmptyState } from '../../../components/page/EmptyState';
import { DataTable } from '../../../components/table/DataTable';
import { useIsLive } from '../../../live/LiveContext';
import { announce } from '../../../state/announcer';
import { useUrlParameters, useUrlState } from '../../../state/useUrlState';
import { FilterTools } from './FilterTools';
import { messageColumns } from './messageColumns';
import { SearchStatus } from './SearchStatus';
import { parseSeek, writeSeek } from './seek';
import { SeekTools } from './SeekTools';
import { useMessageSearch } from './useMessageSearch';

/** The messages of a queue: from any place, filtered on the host, and followed while the list is at the newest. */
export function MessagesView({ queue }: { queue: QueueDetail }) {
  const live = useIsLive();
  const [seekText] = useUrlState('seek');
  const [schema] = useUrlState('schema');
  const [filter] = useUrlState('filter');
  const [lattice] = useUrlState('lattice');
  const [path] = useUrlState('path');
  const [followText] = useUrlState('follow');
  const setParameters = useUrlParameters();
  const [reading, setReading] = useState(false);
  const seek = parseSeek(seekText);
  const narrowed = { schema, filter, lattice, path };
  const follows = seek.kind === 'last' && followText !== '0';
  const search = useMessageSearch(queue.name, { seek, filter: narrowed, follow: follows && !reading, live, nextSequence: queue.nextSequence });

  const known = schema !== '' ? schema : queue.schemas.length === 1 ? queue.schemas[0]! : '';
  const hints = useFieldHints(known, useMemo(() => search.messages.slice(0, 20).map(({ message }) => message), [search.messages]));
  const severalSchemas = known === '' && queue.schemas.length !== 1;
  const columns = useMemo(() => messageColumns(hints, severalSchemas), [hints, severalSchemas]);
  const isNarrowed = Object.values(narrowed).some((value) => value !== '');

  const setFollow = (follow: boolean) => {
    setParameters({ follow: follow ? '' : '0' });
    announce(follow ? 'Messages resumed' : 'Messages paused');
  };

  return (
    <div
      className="messages-view"
      onFocus={(event) => setReading(event.target.matches('[data-row]:focus-visible'))}
      onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && setReading(false)}
    >
      <DataTable<Message>
        name={`messages.${known}`}
        label={`Messages of ${queue.name}`}
        columns={columns}
        rows={search.messages.length === 0 && search.running ? null : search.messages}
        rowId={({ sequence }) => sequence.toString()}
        detailOf={(message) => (
          <MessageDetail
            id={`message-${message.sequence}`}
            entry={message}
            schema={message.schema}
            {...(queue.witness && { witnessed: queue.name })}
            actions={<Link to={addresses.message(queue.name, message.sequence)}>Open as a page</Link>}
          />
        )}
        onOpen={() => follows && setFollow(false)}
        tools={
          <>
            <SeekTools seek={seek} onSeek={(next) => setParameters({ seek: writeSeek(next), follow: '' })} />
            <FilterTools queue={queue} filter={narrowed} onFilter={setParameters} />
            {seek.kind === 'last' && (
              <button type="button" className="button button-pause" data-paused={follows ? undefined : ''} onClick={() => setFollow(!follows)}>
                <svg viewBox="0 0 12 12" aria-hidden="true">
                  {follows ? <path d="M2 1h3v10H2zM7 1h3v10H7z" /> : <path d="M2.5 1v10l8-5z" />}
                </svg>
                {follows ? 'Pause' : 'Follow'}
              </button>
            )}
          </>
        }
        status={<SearchStatus search={search} newestFirst={seek.kind === 'last'} follows={follows} reading={reading} narrowed={isNarrowed} />}
        onEnd={search.more}
        empty={
          search.error !== null ? (
            <AnswerError what="The queue" error={search.error} onRetry={search.again} />
          ) : isNarrowed ? (
            <EmptyState title={`No message of ${queue.name} matches.`}>Change the filter, or seek to another place.</EmptyState>
          ) : (
            <EmptyState title={`${queue.name} has no messages here.`}>
              Messages appear as soon as {queue.sources.length === 0 ? 'something appends' : queue.sources.join(', ')} them.
            </EmptyState>
          )
        }
        fill
      />
    </div>
  );
}
