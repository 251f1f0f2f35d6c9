import { Link } from 'react-router';
import type { Overview } from '../api/types';
import { HealthStatus } from '../components/health/HealthStatus';
import { ThemeSwitch } from '../components/page/ThemeSwitch';
import { ThemesButton } from '../components/page/ThemesButton';
import { WhoAmI } from '../components/page/WhoAmI';
import { formatUptime } from '../format/time';
import type { Connection } from '../live/connection';
import type { Who } from '../state/useSession';
import type { ThemeChoice } from '../state/useTheme';
import { addresses } from './addresses';

interface Props {
  overview: Overview | null;
  connection: Connection;
  who: Who;
  theme: ThemeChoice;
  narrow: boolean;
  onMenu: () => void;
  onFind: () => void;
}

export function Header({ overview, connection, who, theme, narrow, onMenu, onFind }: Props) {
  return (
    <header className="header">
      {narrow && (
        <button type="button" className="button header-menu" onClick={onMenu} aria-haspopup="dialog">
          Menu
        </button>
      )}
      <Link className="wordmark" to={addresses.overview}>
        <svg viewBox="0 0 28 16" aria-hidden="true">
          <path d="M1 11h6l3-8 4 11 3-7h10" />
        </svg>
        Estream
      </Link>
      {!narrow && (
        <p className="header-host">
          <span>{location.host}</span>
          {overview !== null && (
            <>
              <span>v{overview.version}</span>
              <span>up {formatUptime(overview.uptimeSeconds)}</span>
            </>
          )}
        </p>
      )}
      {who !== 'refused' && (
        <button type="button" className="button header-find" onClick={onFind} aria-haspopup="dialog" aria-keyshortcuts="Control+K">
          <svg viewBox="0 0 14 14" aria-hidden="true">
            <path d="M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M9.3 9.3l3.4 3.4" />
          </svg>
          {narrow ? <span className="visually-hidden">Find</span> : <>Find <kbd>Ctrl K</kbd></>}
        </button>
      )}
      <div className="header-end">{who !== 'refused' && <HealthStatus connection={connection} />}</div>
      {!narrow && who !== null && who !== 'refused' && <WhoAmI session={who} />}
      {!narrow && <ThemeSwitch theme={theme.theme} onChange={theme.setTheme} />}
      {!narrow && who !== 'refused' && <ThemesButton />}
    </header>
  );
}
