const severities: Record<string, number> = {
  unhealthy: 3, failed: 3, fenced: 3, firing: 3, failing: 2, degraded: 2, breached: 2, disconnected: 2, held: 1, paused: 1, pending: 1, 'catching up': 1, unknown: 1,
};

/** The rows with trouble before the others; otherwise in the given order. */
export function inTroubleFirst<T extends { state: string }>(rows: readonly T[], severityOf: (row: T) => number = ({ state }) => severities[state] ?? 0): T[] {
  return rows.toSorted((a, b) => severityOf(b) - severityOf(a));
}
