import { expect, test } from 'vitest';
import { readCanonicalText } from '../../src/esf/canonicalText';
import { EsfFault } from '../../src/esf/fault';
import { vectors } from './vectors';

const nested = (depth: number) => `${'array('.repeat(depth)}u8${')'.repeat(depth)}`;
const fields = (count: number) => Array.from({ length: count }, (_, i) => `f${i}:u8`).join(',');

test.each([
  ['', 'no prefix'],
  ['esf2 a.B{a:u8}', 'another language'],
  ['esf1 B{a:u8}', 'no namespace'],
  ['esf1 a.B{}', 'no field'],
  ['esf1 a.B{a:u8', 'no end'],
  ['esf1 a.B{a:u8} ', 'something behind it'],
  ['esf1 a.B{a:u8,a:u16}', 'a field twice'],
  ['esf1 a.B{A:u8}', 'a field name in capitals'],
  ['esf1 a.B{a__b:u8}', 'two underscores'],
  ['esf1 a.B{a:u7}', 'no such type'],
  ['esf1 a.B{a:constructor}', 'a word that every object has'],
  ['esf1 a.B{a:string(0)}', 'a length of nothing'],
  ['esf1 a.B{a:string(064)}', 'a length spelt otherwise'],
  ['esf1 a.B{a:string(67108865)}', 'a length past the longest message'],
  ['esf1 a.B{a:enum E{}}', 'an enum without values'],
  ['esf1 a.B{a:enum E{X,X}}', 'an enum value twice'],
  ['esf1 a.B{a:map(f64,u8)}', 'a key without a text form'],
  ['esf1 a.B{a:u8@public}', 'a privacy that says nothing'],
  ['esf1 a.B{a:u8@secret}', 'no such level'],
  ['esf1 a.B{a:u8@encrypted[b=public,a=public]}', 'audiences out of order'],
  ['esf1 a.B{a:u8@encrypted[]}', 'a list without audiences'],
  [`esf1 a.B{a:${nested(9)}}`, 'nested too deep'],
  [`esf1 a.B{${fields(257)}}`, 'too many fields'],
  [`esf1 a.B{${'x'.repeat(129)}:u8}`, 'a name too long'],
])('refuses %j: %s', (text) => {
  expect(() => readCanonicalText(text)).toThrow(EsfFault);
});

test('accepts a text at each limit', () => {
  expect(readCanonicalText(`esf1 a.B{a:${nested(8)}}`).record.fields).toHaveLength(1);
  expect(readCanonicalText(`esf1 a.B{${fields(256)}}`).record.fixedLength).toBe(16 + 256);
  expect(readCanonicalText(`esf1 a.B{${'x'.repeat(128)}:string(67108864)@public[a=encrypted]}`).name).toBe('a.B');
});

test('a presence byte is before the first and the ninth optional fixed-size field', () => {
  const text = `esf1 a.B{x:u8,${Array.from({ length: 9 }, (_, i) => `o${i}?:u16,s${i}?:string`).join(',')}}`;
  const places = readCanonicalText(text).record.fields.filter((field) => field.presence).map((field) => [field.offset, field.presence]);
  expect(places[0]).toEqual([18, { offset: 17, mask: 1 }]);
  expect(places[1]).toEqual([28, { offset: 17, mask: 2 }]);
  expect(places[7]).toEqual([88, { offset: 17, mask: 128 }]);
  expect(places[8]).toEqual([99, { offset: 98, mask: 1 }]);
});

test('a cut canonical text is rejected', () => {
  for (const [, vector] of vectors) {
    for (let length = 0; length < vector.Schema.length; length += 1 + Math.floor(vector.Schema.length / 200)) {
      expect(() => readCanonicalText(vector.Schema.slice(0, length))).toThrow(EsfFault);
    }
  }
});
