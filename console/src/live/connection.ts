/** What the page knows about its line to the host. */
export type Connection =
  | { phase: 'connecting' }
  | { phase: 'live' }
  /** The line is down: `since` is when the last event came, `retryAt` when it is tried again (both epoch ms). */
  | { phase: 'waiting'; since: number | null; retryAt: number }
  | { phase: 'retrying'; since: number | null };

/** True once the figures on the page are no longer the host's present ones. */
export function isStale(connection: Connection): boolean {
  return connection.phase === 'waiting' || connection.phase === 'retrying';
}
