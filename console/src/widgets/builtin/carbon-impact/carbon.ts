import type { HistorySeries } from '../../../api/history';

/** Cloud Carbon Footprint, methodology: the average of AWS for a vCPU at full use, from SPECpower results. Idle vCPUs (0.74 W) are not counted. */
export const wattBounds = [0, 3.5, 1000] as const;
export const overheadBounds = [1, 1, 5] as const;
/** Ember, Global Electricity Review 2026: the world average of 2025 in grams of CO2 equivalent. */
export const gramBounds = [0, 458, 2000] as const;

const msPerHour = 3_600_000;

export interface Factors {
  /** The power of one fully used core. */
  watts: number;
  /** Energy of the site per energy of the server. */
  overhead: number;
  gramsPerKwh: number;
}

export interface CarbonEstimate {
  /** Hours of one fully used core. */
  coreHours: number;
  wattHours: number;
  grams: number;
  meanWatts: number;
  /** The emissions of a year at the mean power, in kilograms. */
  kilogramsPerYear: number;
  /** The hours in which the host recorded its processor time. */
  recordedHours: number;
}

/**
 * The energy and CO2 equivalent of recorded processor time in percent of one core; null if nothing was recorded. A step without a
 * value counts nothing.
 */
export function estimateOf({ times, mean }: Pick<HistorySeries, 'times' | 'mean'>, { watts, overhead, gramsPerKwh }: Factors): CarbonEstimate | null {
  // All steps of an answer have the same length.
  const stepHours = times.length < 2 ? 0 : (times[1]! - times[0]!) / msPerHour;
  const known = mean.filter((value) => value !== null);
  const recordedHours = known.length * stepHours;
  if (recordedHours === 0) {
    return null;
  }
  const coreHours = known.reduce((sum, percent) => sum + percent / 100, 0) * stepHours;
  const wattHours = coreHours * watts * overhead;
  const grams = (wattHours / 1000) * gramsPerKwh;
  const meanWatts = wattHours / recordedHours;
  return { coreHours, wattHours, grams, meanWatts, kilogramsPerYear: (meanWatts * 8.76 * gramsPerKwh) / 1000, recordedHours };
}

/** Grams in a unit that fits: `0.4 mg`, `12 g`, `3.1 kg`. */
export function formatGrams(grams: number): string {
  return grams < 0.1 ? `${amount(grams * 1000)} mg` : grams < 1000 ? `${amount(grams)} g` : `${amount(grams / 1000)} kg`;
}

export function formatWattHours(wattHours: number): string {
  return wattHours < 0.1 ? `${amount(wattHours * 1000)} mWh` : wattHours < 1000 ? `${amount(wattHours)} Wh` : `${amount(wattHours / 1000)} kWh`;
}

/** A number with three significant digits at most. */
export function amount(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
