/** The state of the connection to the host. */
export type Connection =
  | { phase: 'connecting' }
  | { phase: 'live' }
  /** Disconnected: `since` is the time of the last event, `retryAt` the time of the next attempt (both epoch ms). */
  | { phase: 'waiting'; since: number | null; retryAt: number }
  | { phase: 'retrying'; since: number | null };

/** Whether the page shows old data. */
export function isStale(connection: Connection): boolean {
  return connection.phase === 'waiting' || connection.phase === 'retrying';
}
