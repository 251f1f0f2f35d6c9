import type { Overview } from '../../api/types';
import { formatUptime } from '../../format/time';
import type { Connection } from '../../live/connection';
import type { Who } from '../../state/useSession';
import type { Theme } from '../../state/useTheme';
import { ConnectionPill } from './ConnectionPill';
import { ThemeSwitch } from './ThemeSwitch';
import { WhoAmI } from './WhoAmI';

interface Props {
  overview: Overview | null;
  connection: Connection;
  who: Who;
  theme: Theme;
  onTheme: (theme: Theme) => void;
}

export function Header({ overview, connection, who, theme, onTheme }: Props) {
  return (
    <header className="header">
      <h1 className="wordmark">
        <svg viewBox="0 0 28 16" aria-hidden="true">
          <path d="M1 11h6l3-8 4 11 3-7h10" />
        </svg>
        Estream
      </h1>
      <p className="header-host">
        <span>{location.host}</span>
        {overview !== null && (
          <>
            <span>v{overview.version}</span>
            <span>up {formatUptime(overview.uptimeSeconds)}</span>
          </>
        )}
      </p>
      {who !== null && who !== 'refused' && <WhoAmI session={who} />}
      {who !== 'refused' && <ConnectionPill connection={connection} />}
      <ThemeSwitch theme={theme} onChange={onTheme} />
    </header>
  );
}
