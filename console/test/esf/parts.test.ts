import { expect, test } from 'vitest';
import { readCanonicalText } from '../../src/esf/canonicalText';
import { decodeMessage } from '../../src/esf/decode';
import { EsfFault } from '../../src/esf/fault';
import { writeEsfJson } from '../../src/esf/json';
import { bytesOf, partsVectors } from './vectors';

test.each(partsVectors)('every part of %s reads as a message of its schema', (_file, vector) => {
  const schema = readCanonicalText(vector.Schema);
  expect(schema.id.toString(16).padStart(16, '0')).toBe(vector.SchemaId);
  expect(Object.keys(vector.Parts).length).toBeGreaterThan(1);
  for (const part of Object.values(vector.Parts)) {
    expect(writeEsfJson(decodeMessage(schema, bytesOf(part.Bytes)))).toBe(part.Stranger);
  }
});

test.each([
  'esf1 test.S{a:u8@public/x}',
  'esf1 test.S{a:u8@encrypted/X}',
  'esf1 test.S{a:u8@encrypted/}',
  'esf1 test.S{a:object{b:u8@encrypted/x}@encrypted}',
  'esf1 test.S{a:object{b:u8@encrypted/x}@encrypted/x}',
  `esf1 test.S{${'abcdefghi'.split('').map((name) => `${name}:u8@encrypted/${name}`).join()}}`,
])('a sub-lex that cannot be is refused: %s', (text) => {
  expect(() => readCanonicalText(text)).toThrow(EsfFault);
});

test.each(['esf1 test.S{a:u64@tokenized}', 'esf1 test.S{a:string@tokenized[b=public]}', 'esf1 test.S{a:string@encrypted[b=tokenized]}', 'esf1 test.S{a:string@tokenized/x}'])(
  'what cannot be tokenized is refused: %s',
  (text) => {
    expect(() => readCanonicalText(text)).toThrow(EsfFault);
  },
);

test('a token is treated like any other text', () => {
  expect(readCanonicalText('esf1 test.S{a:string(19)@tokenized}').hasPrivateFields).toBe(false);
});

test('a sub-lex changes the id of the schema', () => {
  expect(readCanonicalText('esf1 test.S{a:u8@encrypted/x}').id).not.toBe(readCanonicalText('esf1 test.S{a:u8@encrypted}').id);
});
