import { describe, expect, test } from 'vitest';
import { parseJson, parseWithMarks, writeJson } from '../src/api/json';

// Both ways of parsing answer to one contract. Where the engine does not tell a reviver the source of a number
// (Node 20), the first falls back on the second; the browser test sees it with the source.
describe.each([
  ['as the engine allows', parseJson],
  ['with marked strings', parseWithMarks],
])('parsing %s', (_name, parse) => {
  test('keeps every digit of a 64-bit integer', () => {
    expect(parse('{"position":9223372036854775807,"time":-9223372036854775808}')).toEqual({
      position: 9223372036854775807n,
      time: -9223372036854775808n,
    });
  });

  test('leaves integers up to 2^53 plain numbers', () => {
    expect(parse('[9007199254740991,-9007199254740991,0]')).toEqual([9007199254740991, -9007199254740991, 0]);
    expect(parse('[9007199254740993]')).toEqual([9007199254740993n]);
  });

  test('leaves floats alone, however many digits they have', () => {
    expect(parse('[1.12345678901234567,12345678901234567.5,12345678901234567e3,1E+300]')).toEqual([
      1.12345678901234567, 12345678901234567.5, 12345678901234567e3, 1e300,
    ]);
  });

  test('leaves digits inside strings alone', () => {
    const text = '{"a 12345678901234567890":"12345678901234567890","b":"\\"12345678901234567890","c":"\\\\"}';
    expect(parse(text)).toEqual({
      'a 12345678901234567890': '12345678901234567890',
      b: '"12345678901234567890',
      c: '\\',
    });
  });

  test('refuses what is not JSON', () => {
    expect(() => parse('{"a":}')).toThrow(SyntaxError);
  });
});

test('writing gives back what was read, digits included', () => {
  const text = '{"a":[9223372036854775807,-1.5,"x\\"y",true,null,{}],"b":{"c":18446744073709551615}}';
  expect(writeJson(parseJson(text))).toBe(text);
});

test('writing indents like JSON.stringify', () => {
  const value = { a: [1, { b: 'c' }], d: {}, e: [] };
  expect(writeJson(value, 2)).toBe(JSON.stringify(value, null, 2));
});
