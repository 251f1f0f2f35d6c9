import { expect, test } from 'vitest';
import { readCanonicalText } from '../../src/esf/canonicalText';
import { decodeMessage } from '../../src/esf/decode';
import { writeEsfJson } from '../../src/esf/json';
import { sha256 } from '../../src/esf/sha256';
import { bytesOf, respell, sealedVectors, vectors } from './vectors';

test('there are vectors', () => {
  expect(vectors.length).toBeGreaterThan(12);
});

test.each(vectors)('%s has the id and the values that the other decoder sees', (_file, vector) => {
  const schema = readCanonicalText(vector.Schema);
  expect(schema.id.toString(16).padStart(16, '0')).toBe(vector.SchemaId);
  expect(writeEsfJson(decodeMessage(schema, bytesOf(vector.Bytes)))).toBe(respell(vector.Json));
});

test.each(vectors)('%s reads the same in the middle of a longer buffer', (_file, vector) => {
  const message = bytesOf(vector.Bytes);
  const longer = new Uint8Array(message.length + 14).fill(0xff);
  longer.set(message, 7);
  const inside = longer.subarray(7, 7 + message.length);
  expect(writeEsfJson(decodeMessage(readCanonicalText(vector.Schema), inside))).toBe(respell(vector.Json));
});

test('there are sealed vectors', () => {
  expect(sealedVectors.length).toBeGreaterThan(3);
});

test.each(sealedVectors)('%s is read but for what is sealed', (_file, vector) => {
  const schema = readCanonicalText(vector.Schema);
  expect(schema.id.toString(16).padStart(16, '0')).toBe(vector.SchemaId);
  expect(schema.hasPrivateFields).toBe(true);
  expect(writeEsfJson(decodeMessage(schema, bytesOf(vector.Bytes)))).toBe(respell(vector.Readers['']!));
});

test('the hash equals that of the browser at every length around a block', async () => {
  for (let length = 0; length < 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7 + length);
    expect(sha256(bytes)).toEqual(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
  }
});
