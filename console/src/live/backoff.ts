const firstMs = 500;
const longestMs = 10_000;

/**
 * The delay before reconnection number `attempt` (0, 1, 2 …). It doubles from half a second up to ten seconds. Up to
 * a quarter is random, so that many open consoles do not connect at the same time.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling * (1 - random() / 4));
}
