import { BrowserRouter } from 'react-router';
import { Announcer } from '../components/page/Announcer';
import { isStale } from '../live/connection';
import { useLive } from '../live/LiveContext';
import { HealthContext, useHealthOf } from '../live/useHealth';
import { PaletteContext } from '../state/PaletteContext';
import { SessionContext } from '../state/SessionContext';
import { useStore } from '../state/store';
import { tokenTheme } from '../state/tokenTheme';
import { useSession } from '../state/useSession';
import { useStateNews } from '../state/useStateNews';
import { useTheme } from '../state/useTheme';
import { Shell } from './Shell';
import { useConnectionNews } from './useConnectionNews';

export function App() {
  const feed = useLive();
  const connection = useStore(feed.connection);
  const overview = useStore(feed.overview);
  const theme = useTheme();
  const tokens = useStore(tokenTheme);
  const who = useSession(connection);
  const live = connection.phase === 'live';
  const stale = isStale(connection);
  const health = useHealthOf(overview, live);
  useConnectionNews(live, stale);
  useStateNews(overview);

  return (
    // Without transitions, so that a field whose text is in the address keeps up with fast typing.
    <BrowserRouter useTransitions={false}>
      <SessionContext value={who === 'refused' ? null : who}>
        <HealthContext value={health}>
          <PaletteContext value={`${theme.dark} ${stale} ${tokens}`}>
            <Shell connection={connection} overview={overview} who={who} theme={theme} />
          </PaletteContext>
        </HealthContext>
      </SessionContext>
      <Announcer />
    </BrowserRouter>
  );
}
