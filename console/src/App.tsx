import { useEffect } from 'react';
import { AdapterPanel } from './components/parts/AdapterPanel';
import { QuarantinePanel } from './components/parts/QuarantinePanel';
import { Announcer } from './components/page/Announcer';
import { AuditPanel } from './components/parts/AuditPanel';
import { CardPanel } from './components/parts/CardPanel';
import { MulticastPanel } from './components/parts/MulticastPanel';
import { ReplicaPanel } from './components/parts/ReplicaPanel';
import { CircuitPanel } from './components/parts/CircuitPanel';
import { ConnectionBanner } from './components/page/ConnectionBanner';
import { Footer } from './components/page/Footer';
import { Header } from './components/page/Header';
import { MessagePanel } from './components/messages/MessagePanel';
import { RatesPanel } from './components/charts/RatesPanel';
import { PipelinePanel } from './components/parts/PipelinePanel';
import { Readouts } from './components/charts/Readouts';
import { SectionNav } from './components/page/SectionNav';
import { SignIn } from './components/page/SignIn';
import { SkipLinks } from './components/page/SkipLinks';
import { StatePanel } from './components/states/StatePanel';
import { Unreachable } from './components/page/Unreachable';
import { WitnessPanel } from './components/witness/WitnessPanel';
import { isStale } from './live/connection';
import { useLive } from './live/LiveContext';
import { announce } from './state/announcer';
import { useStore } from './state/store';
import { useSession } from './state/useSession';
import { useTheme } from './state/useTheme';

export function App() {
  const feed = useLive();
  const connection = useStore(feed.connection);
  const overview = useStore(feed.overview);
  const history = useStore(feed.history);
  const { theme, dark, setTheme } = useTheme();
  const stale = isStale(connection);
  const live = connection.phase === 'live';
  const who = useSession(connection);
  useConnectionNews(live, stale);

  return (
    <div className="page" data-stale={stale ? '' : undefined}>
      <SkipLinks />
      <Header overview={overview} connection={connection} who={who} theme={theme} onTheme={setTheme} />
      <SectionNav
        pipelines={overview !== null && overview.pipelines.length > 0}
        circuits={overview !== null && overview.circuits.length > 0}
        witnesses={overview !== null && overview.witnesses.length > 0}
        multicast={overview !== null && overview.multicast.length > 0}
        replicas={overview !== null && overview.replicas.length > 0}
        cards={overview !== null && overview.cards.length > 0}
      />
      <main id="main" tabIndex={-1}>
        {who !== 'refused' && <ConnectionBanner connection={connection} onRetry={feed.retryNow} />}
        {who === 'refused' ? (
          <SignIn />
        ) : overview === null ? (
          <Unreachable connection={connection} />
        ) : (
          <div className="panels">
            <Readouts overview={overview} />
            <RatesPanel overview={overview} history={history} palette={`${dark} ${stale}`} />
            <div className="side">
              {overview.quarantined.length > 0 && <QuarantinePanel parts={overview.quarantined} />}
              <AdapterPanel adapters={overview.adapters} />
              {overview.pipelines.length > 0 && <PipelinePanel pipelines={overview.pipelines} />}
              {overview.circuits.length > 0 && <CircuitPanel circuits={overview.circuits} />}
              {overview.witnesses.length > 0 && <WitnessPanel witnesses={overview.witnesses} />}
              {overview.multicast.length > 0 && <MulticastPanel parts={overview.multicast} />}
              {overview.replicas.length > 0 && <ReplicaPanel parts={overview.replicas} />}
              {overview.cards.length > 0 && <CardPanel cards={overview.cards} />}
              <AuditPanel live={live} />
            </div>
            <StatePanel maps={overview.maps} live={live} />
            <MessagePanel queues={overview.queues} witnesses={overview.witnesses} live={live} />
          </div>
        )}
      </main>
      <Footer />
      <Announcer />
    </div>
  );
}

/** Announces a lost and a restored connection in the live region and in the title of the tab. */
function useConnectionNews(live: boolean, stale: boolean): void {
  useEffect(() => {
    if (live || stale) {
      announce(live ? 'Connected to the host' : 'Connection to the host lost, reconnecting');
    }
    document.title = stale ? 'Reconnecting – Estream' : 'Estream';
  }, [live, stale]);
}
