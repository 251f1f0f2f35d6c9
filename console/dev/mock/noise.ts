/** Numbers that look like measurements and are the same for the same question, so that nothing needs to be stored. */

/** A number from 0 to 1 that depends on the text only. */
export function hash(text: string): number {
  let value = 2_166_136_261;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 16_777_619);
  }
  value ^= value >>> 15;
  value = Math.imul(value, 2_246_822_519);
  return ((value ^ (value >>> 13)) >>> 0) / 2 ** 32;
}

/** A smooth walk between -1 and 1 over `seconds`, different for each seed. */
export function walk(seed: string, seconds: number): number {
  const phase = hash(seed) * 100;
  return 0.5 * Math.sin(seconds / 97 + phase) + 0.3 * Math.sin(seconds / 23 + 2 * phase) + 0.2 * Math.sin(seconds / 7 + 3 * phase);
}

/** How busy a site is, from 0.4 in the night to 1 in the afternoon. */
export function daily(ms: number): number {
  return 0.7 - 0.3 * Math.cos(((ms / 3_600_000 - 2) / 24) * 2 * Math.PI);
}

/** Hexadecimal digits that look like a hash. */
export function digits(seed: string, length: number): string {
  let text = '';
  for (let part = 0; text.length < length; part++) {
    text += Math.floor(hash(`${seed}/${part}`) * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  }
  return text.slice(0, length);
}
