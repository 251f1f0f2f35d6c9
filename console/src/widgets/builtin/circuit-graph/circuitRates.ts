import type { CircuitDescription } from '../../../api/circuits';
import type { Overview } from '../../../api/types';
import { formatRate } from '../../../format/number';

/**
 * Messages per second of the inputs and outputs, by place. The rate of an input is that of its queue; the rate of an output is
 * that of the pipeline that reads for it. A node has no rate.
 */
export function ratesOf({ name, places }: CircuitDescription, { queues, pipelines }: Pick<Overview, 'queues' | 'pipelines'>): Map<string, number> {
  const rates = new Map<string, number>();
  for (const place of places) {
    const rate =
      place.kind === 'output'
        ? pipelines.find((pipeline) => pipeline.name === `${name}.${place.name}`)?.ratePerSecond
        : place.at === null
          ? undefined
          : queues.find((queue) => queue.name === place.at)?.ratePerSecond;
    if (rate !== undefined) {
      rates.set(place.name, rate);
    }
  }
  return rates;
}

/** The text below the name of a place; undefined if it has no rate. */
export function noteOf(kind: string, rate: number | undefined): string | undefined {
  return rate === undefined ? undefined : `${kind === 'output' ? 'reads ' : ''}${formatRate(rate)}/s`;
}
