import { useCallback } from 'react';
import { useParams } from 'react-router';
import { Page } from '../../app/Page';
import { fetchQueue, type QueueDetail } from '../../api/queues';
import { AnswerError, StaleNotice } from '../../components/page/AnswerError';
import { EmptyState } from '../../components/page/EmptyState';
import { Tabs } from '../../components/page/Tabs';
import { useIsLive, useOverview } from '../../live/LiveContext';
import { useFetch } from '../../live/useFetch';
import { useUrlState } from '../../state/useUrlState';
import { MessagesView } from './messages/MessagesView';
import { PartitionsView } from './PartitionsView';
import { QueueActions } from './QueueActions';
import { QueueFacts } from './QueueFacts';
import { QueueHistory } from './QueueHistory';
import { QueueNotice } from './QueueNotice';
import { ReadersView } from './readers/ReadersView';

const pollMs = 2000;

/** One queue: its state, its messages, its readers, and its history. */
export default function QueuePage() {
  const { name = '' } = useParams();
  const live = useIsLive();
  const load = useCallback((signal: AbortSignal) => fetchQueue(name, signal).then((queue) => ({ queue })), [name]);
  const { data, error, reload } = useFetch(load, { everyMs: pollMs, active: live });
  const queue = data?.queue ?? null;
  const quarantined = useOverview().quarantined.find((part) => part.kind === 'queue' && part.name === name);

  if (queue === null) {
    return (
      <Page title={name}>
        {error !== null ? (
          <AnswerError what={`Queue ${name}`} error={error} onRetry={reload} />
        ) : data === null ? (
          <p className="soft page-loading">Reading…</p>
        ) : quarantined !== undefined ? (
          <EmptyState title={`Queue ${name} is in quarantine.`}>{quarantined.reason}</EmptyState>
        ) : (
          <EmptyState title={`There is no queue ${name}.`}>
            The queue may have been renamed or removed. Queues are configured under <code>Estream:Queues</code>.
          </EmptyState>
        )}
      </Page>
    );
  }
  return (
    <Page title={name} layout="fill" note={noteOf(queue)} tools={<QueueActions queue={queue} onChanged={reload} />}>
      <StaleNotice what={`Queue ${name}`} error={error} onRetry={reload} />
      <QueueNotice queue={queue} />
      <QueueFacts queue={queue} />
      <QueueViews queue={queue} />
    </Page>
  );
}

function QueueViews({ queue }: { queue: QueueDetail }) {
  const isPartitioned = queue.partitions > 1;
  const [seek] = useUrlState('seek');
  const [filter] = useUrlState('filter');
  const [view] = useUrlState('view', isPartitioned && seek + filter === '' ? 'partitions' : 'messages');
  const tabs = [
    ...(isPartitioned ? [{ view: 'partitions', title: 'Partitions', note: String(queue.partitions) }] : []),
    ...(queue.nextSequence !== null || !isPartitioned ? [{ view: 'messages', title: 'Messages' }] : []),
    { view: 'readers', title: 'Readers', note: String(queue.readers.length + queue.groups.length) },
    { view: 'history', title: 'History' },
  ];
  const current = tabs.find((tab) => tab.view === view)?.view ?? tabs[0]!.view;
  return (
    <>
      <Tabs label={`Views of ${queue.name}`} tabs={tabs} current={current} />
      {current === 'partitions' && <PartitionsView queue={queue.name} />}
      {current === 'messages' && <MessagesView key={queue.name} queue={queue} />}
      {current === 'readers' && <ReadersView queue={queue} />}
      {current === 'history' && <QueueHistory queue={queue} />}
    </>
  );
}

function noteOf({ schemas, encrypted, isDeadLetters, witness }: QueueDetail): string {
  return [isDeadLetters ? 'dead letters' : schemas.join(', '), encrypted ? 'encrypted' : '', witness ? 'witnessed' : ''].filter((word) => word !== '').join(' · ');
}
