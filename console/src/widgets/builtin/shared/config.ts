import type { JsonObject } from '../../../api/json';

/** A text of the settings; '' if it is absent or not a text. */
export function textIn(config: JsonObject, name: string): string {
  const value = config[name];
  return typeof value === 'string' ? value.trim() : '';
}

/** The setting if it is one of `values`; otherwise the first of `values`. */
export function choiceIn<T extends string>(config: JsonObject, name: string, values: readonly [T, ...T[]]): T {
  return values.find((value) => value === config[name]) ?? values[0];
}

/** A number within its bounds; the middle of the three bounds, which is the default, if the setting is not a number. */
export function numberIn(config: JsonObject, name: string, [least, initial, most]: readonly [number, number, number]): number {
  const value = Number(config[name] ?? Number.NaN);
  return Number.isFinite(value) ? Math.min(Math.max(value, least), most) : initial;
}

/** A list of different names, at most `most`. */
export function namesIn(config: JsonObject, name: string, most: number): string[] {
  const value = config[name];
  const names = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  return [...new Set(names.flatMap((one) => (typeof one === 'string' && one.trim() !== '' ? [one.trim()] : [])))].slice(0, most);
}

export function flagIn(config: JsonObject, name: string): boolean {
  return config[name] === true;
}
