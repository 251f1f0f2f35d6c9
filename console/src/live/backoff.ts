const firstMs = 500;
const longestMs = 10_000;

/**
 * How long to wait before reconnection number `attempt` (0, 1, 2 …): doubling from half a second to ten,
 * of which up to a quarter is random so that many open consoles do not knock at the same instant.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling * (1 - random() / 4));
}
