import { useCallback, useMemo } from 'react';
import { useParams } from 'react-router';
import { fetchAdapter, pauseAdapter, type AdapterDetail } from '../../api/adapters';
import { useDeadLetterTopics } from '../../app/deadLetters';
import { Page } from '../../app/Page';
import { HistoryCharts } from '../../components/charts/HistoryCharts';
import { AnswerError, StaleNotice } from '../../components/page/AnswerError';
import { DeviceList } from '../../components/parts/DeviceList';
import { FigureList } from '../../components/parts/FigureList';
import { PartNotice } from '../../components/parts/PartNotice';
import { PaymentList } from '../../components/parts/PaymentList';
import { ActionButton } from '../../components/parts/RoleButton';
import { formatCount } from '../../format/number';
import { adapterTroubles } from '../../live/adapterState';
import { useIsLive } from '../../live/LiveContext';
import { useFetch } from '../../live/useFetch';
import { useTimeRange } from '../../state/useTimeRange';
import { AdapterTables } from './AdapterTables';
import { ComponentNote } from './ComponentNote';
import { QueueLinks } from './QueueLinks';
import { Rejections } from './Rejections';

const pollMs = 2000;

/** One adapter: its state first, then rejections, its tables and its history. */
export default function AdapterPage() {
  const { name = '' } = useParams();
  const load = useCallback((signal: AbortSignal) => fetchAdapter(name, signal), [name]);
  const { data, error, reload } = useFetch(load, { everyMs: pollMs, active: useIsLive() });
  return (
    <Page title={name} note={data?.type} tools={data !== null && <PauseButton adapter={data} onDone={reload} />}>
      {data !== null && <StaleNotice what={`Adapter ${name}`} error={error} onRetry={reload} />}
      {data !== null ? <Content adapter={data} /> : error !== null && <AnswerError what={`Adapter ${name}`} error={error} onRetry={reload} />}
    </Page>
  );
}

function Content({ adapter }: { adapter: AdapterDetail }) {
  const { name, deviceCount, waitingPaymentCount } = adapter;
  const time = useTimeRange();
  const topics = useDeadLetterTopics(adapter.deadLetters, name);
  const charts = useMemo(() => chartsOf(name), [name]);
  const hasDeviceList = deviceCount > 0 && !adapter.tables.some((table) => table.name === 'devices');
  return (
    <>
      <div className="page-top">
        <State adapter={adapter} />
        <FigureList figures={figuresOf(adapter)} />
        <QueueLinks adapter={adapter} />
        <ComponentNote adapter={name} />
      </div>
      <Rejections adapter={adapter} topics={topics} />
      <AdapterTables adapter={adapter} topics={topics} />
      {(hasDeviceList || waitingPaymentCount > 0) && (
        <div className="panel">
          {hasDeviceList && <DeviceList adapter={name} count={deviceCount} />}
          {waitingPaymentCount > 0 && <PaymentList adapter={name} count={waitingPaymentCount} />}
        </div>
      )}
      <HistoryCharts prefix={`adapter/${name}/`} charts={charts} time={time} />
    </>
  );
}

/** The state of the adapter, its pause, and its wait for a queue. None of the notices hides another. */
function State({ adapter }: { adapter: AdapterDetail }) {
  const { state, detail, isPaused, pauseReasons } = adapter;
  const troubles = adapterTroubles(adapter);
  // A queue of the adapter may be paused for a reason of its own, such as a full disk.
  const isWaiting = !isPaused && pauseReasons.length > 0;
  return (
    <>
      {troubles.map((trouble) => (
        <PartNotice key={trouble.state} mark={trouble.state} {...trouble} {...(trouble.state === 'paused' && { state: `paused (${pauseReasons.join(', ')})`, reason: '' })} />
      ))}
      {isWaiting && <PartNotice mark="paused" state={`waits for its queues (${pauseReasons.join(', ')})`} reason={troubles.length === 0 ? detail : ''} />}
      {troubles.length === 0 && !isWaiting && <PartNotice mark={state} state={state} reason={detail} />}
    </>
  );
}

function PauseButton({ adapter: { name, isPaused }, onDone }: { adapter: AdapterDetail; onDone: () => void }) {
  return (
    <ActionButton role="operator" act={() => pauseAdapter(name, !isPaused)} done={`Adapter ${name} ${isPaused ? 'resumed' : 'paused'}`} onDone={onDone}>
      {isPaused ? 'Resume' : 'Pause'}
    </ActionButton>
  );
}

function figuresOf({ connections, receivedTotal, rejectedTotal, restarts }: AdapterDetail) {
  return [
    { label: 'Connections', value: formatCount(connections) },
    { label: 'Received', value: formatCount(receivedTotal) },
    { label: 'Rejected', value: formatCount(rejectedTotal), warn: rejectedTotal > 0 },
    { label: 'Restarts', value: formatCount(restarts), warn: restarts > 0 },
  ];
}

function chartsOf(name: string) {
  const series = (measure: string, label: string) => ({ name: `adapter/${name}/${measure}`, label });
  return [
    { title: 'Messages', series: [series('received', 'received'), series('rejected', 'rejected')] },
    { title: 'Time to store', series: [series('p50', 'p50'), series('p99', 'p99')] },
    { title: 'Connections', series: [series('connections', 'connections')] },
  ];
}
