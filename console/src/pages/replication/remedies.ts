const remedies: Record<string, string> = {
  disconnected: 'Check brokers, user and certificates. The host reconnects by itself; messages collect in the log until then.',
  fenced: 'Another host is active. Check why this host lost the lease, then restart this host.',
  failed: 'Replication has ended. Remove the cause that the reason names, then restart the host.',
};

/** What an operator can do about the state of replication; undefined if there is nothing to do. */
export function remedyOf(state: string): string | undefined {
  return remedies[state];
}
