import type { Connection } from '../../live/connection';
import { StateMark } from '../states/StateMark';

const words: Record<Connection['phase'], string> = {
  connecting: 'Connecting',
  live: 'Live',
  waiting: 'Reconnecting',
  retrying: 'Reconnecting',
};

export function ConnectionPill({ connection }: { connection: Connection }) {
  const live = connection.phase === 'live';
  return (
    <p className="pill" data-phase={connection.phase}>
      <StateMark state={live ? 'healthy' : connection.phase === 'connecting' ? 'off' : 'degraded'} />
      {words[connection.phase]}
    </p>
  );
}
