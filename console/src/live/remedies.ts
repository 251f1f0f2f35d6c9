/** What an operator can do about a circuit, by its state. */
export const circuitRemedies: Readonly<Record<string, string>> = {
  held: 'Raise the limits of its tenant, or wait until the next period begins.',
  breached: 'Compare its service levels with the traces of slow messages.',
  failing: 'Remove the cause that the reason names. The circuit continues where it stopped.',
};

/** What an operator can do about replication through brokers, by its state. */
export const replicationRemedies: Readonly<Record<string, string>> = {
  disconnected: 'Check the brokers, the user and certificates. The host reconnects by itself; messages collect in the log until then.',
  fenced: 'Another host is active. Check why this host lost the lease, then restart this host.',
  failed: 'Replication has ended. Remove the cause that the reason names, then restart the host.',
};
