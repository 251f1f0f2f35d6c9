import type { Adapter } from '../../../api/types';

/** The totals of adapters at a time, and the rates up to then. */
export interface ReceivedSample {
  at: number;
  totals: ReadonlyMap<string, number>;
  rates: ReadonlyMap<string, number>;
}

/** The shortest time between two samples, so that a rate does not jump with each overview. */
const leastMs = 2000;

/** The next sample; the same one if it is too young. A total that fell, because the host restarted, has no rate. */
export function nextSample(before: ReceivedSample | null, adapters: readonly Adapter[], now: number): ReceivedSample {
  if (before !== null && now - before.at < leastMs) {
    return before;
  }
  const totals = new Map(adapters.map(({ name, receivedTotal }) => [name, receivedTotal]));
  const rates = new Map<string, number>();
  for (const [name, total] of totals) {
    const last = before?.totals.get(name);
    if (before !== null && last !== undefined && total >= last) {
      rates.set(name, ((total - last) * 1000) / (now - before.at));
    }
  }
  return { at: now, totals, rates };
}
