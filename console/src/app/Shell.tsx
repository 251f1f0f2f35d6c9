import { lazy, Suspense, useCallback, useState } from 'react';
import { useLocation } from 'react-router';
import type { Overview } from '../api/types';
import { HealthBar } from '../components/health/HealthBar';
import { ConnectionBanner } from '../components/page/ConnectionBanner';
import { SignIn } from '../components/page/SignIn';
import { SkipLinks } from '../components/page/SkipLinks';
import { Unreachable } from '../components/page/Unreachable';
import { isStale, type Connection } from '../live/connection';
import { useLive } from '../live/LiveContext';
import { useStore } from '../state/store';
import { useNarrow } from '../state/useNarrow';
import type { Who } from '../state/useSession';
import type { ThemeChoice } from '../state/useTheme';
import { Header } from './Header';
import { Navigation } from './Navigation';
import { Pages } from './Pages';
import { usePaletteKey } from './palette/usePaletteKey';
import { PhoneMenu } from './PhoneMenu';

const Palette = lazy(() => import('./palette/Palette'));

interface Props {
  connection: Connection;
  overview: Overview | null;
  who: Who;
  theme: ThemeChoice;
}

/** Everything around a page: header, navigation, the state of the connection and of the host. */
export function Shell({ connection, overview, who, theme }: Props) {
  const feed = useLive();
  const misunderstood = useStore(feed.misunderstood);
  const narrow = useNarrow();
  const [menuOpen, setMenuOpen] = useState(false);
  const [finding, setFinding] = useState(false);
  const { pathname } = useLocation();
  usePaletteKey(useCallback(() => setFinding(true), []));

  return (
    <div className="shell" data-stale={isStale(connection) ? '' : undefined} data-connection={connection.phase}>
      <SkipLinks />
      <Header connection={connection} overview={overview} who={who} theme={theme} narrow={narrow} onMenu={() => setMenuOpen(true)} onFind={() => setFinding(true)} />
      {narrow ? menuOpen && <PhoneMenu who={who} theme={theme} onClose={() => setMenuOpen(false)} /> : who !== 'refused' && <Navigation className="rail" />}
      {finding && who !== 'refused' && (
        <Suspense>
          <Palette theme={theme} adapters={overview?.adapters ?? []} onClose={() => setFinding(false)} />
        </Suspense>
      )}
      <main id="main" tabIndex={-1}>
        {who === 'refused' ? (
          <SignIn />
        ) : (
          <>
            <ConnectionBanner connection={connection} misunderstood={misunderstood} onRetry={feed.retryNow} />
            {pathname !== '/' && <HealthBar />}
            {overview === null ? (
              <Unreachable connection={connection} misunderstood={misunderstood} />
            ) : (
              <Pages />
            )}
          </>
        )}
      </main>
    </div>
  );
}
