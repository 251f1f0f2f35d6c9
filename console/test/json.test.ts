import { describe, expect, test } from 'vitest';
import { parseJson, parseWithMarks, writeJson } from '../src/api/json';

// Both parsers follow one contract. If the engine does not give a reviver the source text of a number (Node 20), the first falls back to
// the second; the browser test covers it with the source text.
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

  test('keeps integers up to 2^53 as numbers', () => {
    expect(parse('[9007199254740991,-9007199254740991,0]')).toEqual([9007199254740991, -9007199254740991, 0]);
    expect(parse('[9007199254740993]')).toEqual([9007199254740993n]);
  });

  test('does not change floats with any number of digits', () => {
    expect(parse('[1.12345678901234567,12345678901234567.5,12345678901234567e3,1E+300]')).toEqual([
      1.12345678901234567, 12345678901234567.5, 12345678901234567e3, 1e300,
    ]);
  });

  test('does not change digits inside strings', () => {
    const text = '{"a 12345678901234567890":"12345678901234567890","b":"\\"12345678901234567890","c":"\\\\"}';
    expect(parse(text)).toEqual({
      'a 12345678901234567890': '12345678901234567890',
      b: '"12345678901234567890',
      c: '\\',
    });
  });

  test('rejects text that is not JSON', () => {
    expect(() => parse('{"a":}')).toThrow(SyntaxError);
  });
});

test('writing returns the text that was read, with all digits', () => {
  const text = '{"a":[9223372036854775807,-1.5,"x\\"y",true,null,{}],"b":{"c":18446744073709551615}}';
  expect(writeJson(parseJson(text))).toBe(text);
});

test('writing indents like JSON.stringify', () => {
  const value = { a: [1, { b: 'c' }], d: {}, e: [] };
  expect(writeJson(value, 2)).toBe(JSON.stringify(value, null, 2));
});

test('a fraction with many digits is a number, and a long integer in the same text is exact', () => {
  expect(parseJson('{"rate":0.30000000000000004,"share":-0.6123456789012345}')).toEqual({ rate: 0.30000000000000004, share: -0.6123456789012345 });
  expect(parseJson('[0.30000000000000004,-9007199254740993]')).toEqual([0.30000000000000004, -9007199254740993n]);
});
