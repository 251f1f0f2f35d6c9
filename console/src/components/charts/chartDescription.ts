import type { Queue } from '../../api/types';
import { formatRate } from '../../format/number';
import { summarise, type RateHistory } from '../../live/rateHistory';

/** Describes the chart in one sentence for each queue. */
export function describeChart(queues: readonly Queue[], history: RateHistory): string {
  const lines = queues.map(({ name, ratePerSecond }) => {
    const minute = summarise(history.rates.get(name));
    return minute === null
      ? `${name}: no data yet`
      : `${name}: now ${formatRate(ratePerSecond)}, between ${formatRate(minute.min)} and ${formatRate(minute.max)}`;
  });
  return `Messages per second of each queue over the last 60 seconds. ${lines.join('. ')}.`;
}
