import { useMemo } from 'react';
import { Link } from 'react-router';
import type { Message } from '../../../api/types';
import { addresses } from '../../../app/addresses';
import { fieldColumns } from '../../../components/messages/fieldColumns';
import { useFieldHints } from '../../../components/messages/useFieldHints';
import { AnswerError } from '../../../components/page/AnswerError';
import { EmptyState } from '../../../components/page/EmptyState';
import { formatCount } from '../../../format/number';
import { useIsLive } from '../../../live/LiveContext';
import { useMessageSearch } from '../../../pages/queue/messages/useMessageSearch';
import type { Seek } from '../../../pages/queue/messages/seek';
import { ClockTime } from '../shared/ClockTime';
import { Reading } from '../shared/Reading';
import { useQueueNews } from '../shared/useQueueNews';
import { livePollMs } from '../shared/useWidgetFetch';
import { WidgetTable, type WidgetColumn } from '../shared/WidgetTable';
import { chosenHints } from './queueTail';

interface Props {
  queue: string;
  filter: string;
  schema: string;
  fields: readonly string[];
  rows: number;
  isPaused: boolean;
}

const newest: Seek = { kind: 'last', value: '' };

/** The newest messages, and those that arrive while the dashboard is not paused. */
export function Tail({ queue, filter, schema, fields, rows, isPaused }: Props) {
  const search = useMessageSearch(queue, {
    seek: newest,
    filter: { schema, filter, lattice: '', path: '' },
    follow: !isPaused,
    followMs: livePollMs,
    hasNews: useQueueNews(queue),
    live: useIsLive(),
    nextSequence: null,
  });
  const shown = search.messages.slice(0, rows);
  const hints = useFieldHints(
    shown[0]?.schema ?? schema,
    shown.map(({ message }) => message),
  );
  const names = fields.join('\n');
  const columns = useMemo(() => columnsOf(chosenHints(hints, names === '' ? [] : names.split('\n')), names !== ''), [hints, names]);
  if (search.error !== null && shown.length === 0) {
    return <AnswerError what={`The messages of ${queue}`} error={search.error} onRetry={search.again} />;
  }
  if (shown.length === 0) {
    return search.running ? (
      <Reading />
    ) : filter === '' && schema === '' ? (
      <EmptyState title={`Queue ${queue} has no message.`}>Publish one, or choose another queue in the settings.</EmptyState>
    ) : (
      <EmptyState title="No message matches the filter.">
        {search.end !== null && `${formatCount(search.end.scanned)} messages were searched. `}Change the filter or the schema in the settings.
      </EmptyState>
    );
  }
  return (
    <>
      {search.followNote !== '' && <p className="bw-warn">{search.followNote}</p>}
      <WidgetTable label={`Newest messages of ${queue}`} columns={columns} rows={shown} rowId={({ sequence }) => sequence.toString()} />
    </>
  );
}

function columnsOf(hints: Parameters<typeof fieldColumns>[0], showsAll: boolean): WidgetColumn<Message>[] {
  return [
    {
      id: 'time',
      title: 'Appended',
      value: ({ time }) => time,
      cell: ({ queue, sequence, time }) => (
        <Link to={addresses.message(queue, sequence)}>
          <ClockTime nanos={time} />
        </Link>
      ),
    },
    ...fieldColumns<Message>(hints, ({ message }) => message).filter(({ show }) => showsAll || show !== 'chosen'),
  ];
}
