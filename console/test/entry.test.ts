import { expect, test } from 'vitest';
import { decodeEntry, longestKeyOf, type Entry } from '../src/api/maps';
import { Reader } from '../src/api/reader';
import { changeOf, expectedVersion, secondsLeft } from '../src/pages/entry/entryChange';

const decode = (more: object): Entry => decodeEntry(Reader.of({ key: 'k', version: 7, expiresAt: null, ...more }));

test('a value of which the host sends only a part is marked', () => {
  const kib64 = 64 * 1024;
  expect(decode({ length: 3, text: 'ü1' }).isPartial).toBe(false);
  expect(decode({ length: 70_000, text: 'a'.repeat(kib64) }).isPartial).toBe(true);
  expect(decode({ length: kib64 + 2, text: `${'a'.repeat(kib64 - 1)}\ufffd` }).isPartial).toBe(true);
  expect(decode({ length: 4, bytes: 'ff00' }).isPartial).toBe(true);
  expect(decode({ length: 2, bytes: 'ff00' }).isPartial).toBe(false);
  expect(decode({ length: 9, schema: 'S', message: { a: 1 } }).isPartial).toBe(false);
  expect(decode({ length: 2, schema: '00', error: 'no schema with this id', bytes: 'ff00' }).isPartial).toBe(true);
});

test('a change of an entry keeps its expiry', () => {
  const now = 1_780_000_000_000;
  expect(secondsLeft(decode({ expiresAt: now + 89_500 }), now)).toBe('90');
  expect(secondsLeft(decode({ expiresAt: now - 5 }), now)).toBe('1');
  expect(secondsLeft(decode({}), now)).toBe('');
  expect(changeOf('text', 'v', '', '90', 7n)).toEqual({ text: 'v', ifVersion: 7n, timeToLiveSeconds: 90 });
});

test('a new entry is put only if its key is free', () => {
  expect(changeOf('text', 'v', '', '', expectedVersion(null))).toEqual({ text: 'v', ifVersion: 0n });
  expect(expectedVersion(decode({}))).toBe(7n);
});

test('the keys of a map of clients can be longer than those of a queue, and need not be UTF-8', () => {
  expect(longestKeyOf('queue')).toBe(64);
  expect(longestKeyOf('client')).toBe(1024);
  expect(decode({ keyBytes: 'ff' }).keyBytes).toBe('ff');
  expect(decode({}).keyBytes).toBe(null);
});
