import { describe, expect, test } from 'vitest';
import { asTimestamp, flatten } from '../src/format/fields';
import { dump, looksLikeBytes } from '../src/format/hex';
import { formatBytes, formatCount, formatMs, formatRate } from '../src/format/number';
import { formatAge, formatIso, formatLocal, formatUptime } from '../src/format/time';

describe('time', () => {
  test('ISO keeps all nine decimals', () => {
    expect(formatIso(1_795_163_037_744_217_372n)).toBe('2026-11-20T08:23:57.744217372Z');
  });

  test('a time before 1970 has a positive fraction', () => {
    expect(formatIso(-1n)).toBe('1969-12-31T23:59:59.999999999Z');
    expect(formatIso(-1_000_000n)).toBe('1969-12-31T23:59:59.999000000Z');
  });

  test('every 64-bit integer is a date, and a number outside the range of dates is not', () => {
    expect(formatIso(9_223_372_036_854_775_807n)).toBe('2262-04-11T23:47:16.854775807Z');
    expect(formatIso(-9_223_372_036_854_775_808n)).toBe('1677-09-21T00:12:43.145224192Z');
    expect(formatLocal(10n ** 22n)).toBeNull();
  });

  test.each([
    [-5, '0.0 s'],
    [400, '0.4 s'],
    [9_940, '9.9 s'],
    [9_960, '10 s'],
    [99_600, '2 min'],
    [3 * 3_600_000, '3 h'],
    [5 * 86_400_000, '5 d'],
  ])('%i ms ago is %s', (ms, text) => expect(formatAge(ms)).toBe(text));

  test.each([
    [0.4, '0 s'],
    [61, '1 min 1 s'],
    [11_520, '3 h 12 min'],
    [90_000, '1 d 1 h'],
  ])('up for %d s is %s', (seconds, text) => expect(formatUptime(seconds)).toBe(text));
});

describe('numbers', () => {
  test.each([
    [0, '0'],
    [0.03, '<0.1'],
    [0.4, '0.4'],
    [1023.6, '1,024'],
    [1_234_567, '1.23M'],
  ])('rate %d is %s', (rate, text) => expect(formatRate(rate)).toBe(text));

  test.each([
    [0, '0 B'],
    [1023, '1.00 KiB'],
    [4_096, '4.00 KiB'],
    [67_108_864, '64.0 MiB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  test('long counts are shortened', () => {
    expect(formatCount(9_999_999)).toBe('9,999,999');
    expect(formatCount(12_345_678)).toBe('12.3M');
  });
});

describe('hex', () => {
  test('only a run of whole bytes counts as bytes', () => {
    expect(looksLikeBytes('00112233445566778899aabbccddeeff')).toBe(true);
    expect(looksLikeBytes('00112233445566778899AABBCCDDEEFF')).toBe(false);
    expect(looksLikeBytes('001122334455667')).toBe(false);
    expect(looksLikeBytes('beef')).toBe(false);
    expect(looksLikeBytes('4929110000006652')).toBe(false);
  });

  test('a dump has offset, bytes and printable text', () => {
    expect(dump('48656c6c6f0a' + '41'.repeat(12)).lines).toEqual([
      { offset: '0000', hex: `48 65 6c 6c 6f 0a${' 41'.repeat(10)}`, text: `Hello·${'A'.repeat(10)}` },
      { offset: '0010', hex: '41 41', text: 'AA' },
    ]);
  });

  test('a long dump is cut and shows how many bytes are missing', () => {
    const { lines, byteLength, omitted } = dump('00'.repeat(200_000));
    expect([lines.length, byteLength, omitted]).toEqual([64, 200_000, 198_976]);
  });
});

describe('fields', () => {
  test('nested fields become one list of paths', () => {
    expect(flatten({ a: 1, location: { latitude: 2.5 }, limits: [{ unit: 'K' }], tags: [] }).fields).toEqual([
      { path: 'a', value: 1 },
      { path: 'location.latitude', value: 2.5 },
      { path: 'limits[0].unit', value: 'K' },
      { path: 'tags', value: '(empty list)' },
    ]);
  });

  test('a message of a thousand fields is cut, and the omitted fields are counted', () => {
    const wide = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`f${index}`, index]));
    const { fields, omitted } = flatten(wide);
    expect([fields.length, omitted]).toEqual([200, 800]);
  });

  test('a field is a time by its name and size together', () => {
    expect(asTimestamp('timestamp', 1_795_163_037_744_217_372n)).toBe(1_795_163_037_744_217_372n);
    expect(asTimestamp('meta.received_at', 1_795_163_037_744_217_372n)).not.toBeNull();
    expect(asTimestamp('timestamp', 42)).toBeNull();
    expect(asTimestamp('heat', 1_795_163_037_744_217_372n)).toBeNull();
  });
});


test('a short time is in milliseconds, a longer one in seconds', () => {
  expect([0, 0.44, 9.94, 9.96, 999.4, 999.5, 60_000].map(formatMs)).toEqual(['0.0 ms', '0.4 ms', '9.9 ms', '10 ms', '999 ms', '1.0 s', '60 s']);
});
