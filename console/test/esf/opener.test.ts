import { expect, test } from 'vitest';
import { readCanonicalText } from '../../src/esf/canonicalText';
import { decodeMessage } from '../../src/esf/decode';
import { writeEsfJson } from '../../src/esf/json';
import { openMessage } from './opener';
import { bytesOf, partsVectors, respell, sealedVectors } from './vectors';

async function jsonFor(text: string, message: Uint8Array, seeds: Uint8Array[]): Promise<string> {
  const schema = readCanonicalText(text);
  return writeEsfJson(decodeMessage(schema, await openMessage(schema, message, seeds)));
}

test.each(sealedVectors)('%s is opened by the keys of each audience, as far as it goes', async (_file, vector) => {
  const message = bytesOf(vector.Bytes);
  expect(Object.keys(vector.Seeds).length).toBeGreaterThan(0);
  for (const [audience, seed] of Object.entries(vector.Seeds)) {
    expect(await jsonFor(vector.Schema, message, [bytesOf(seed)])).toBe(respell(vector.Readers[audience]!));
  }
  expect(await jsonFor(vector.Schema, message, [])).toBe(respell(vector.Readers['']!));
  expect(await jsonFor(vector.Schema, message, Object.values(vector.Seeds).map(bytesOf))).toBe(respell(vector.Json));
});

test.each(partsVectors)('the parts of %s are opened by the keys of all audiences', async (_file, vector) => {
  const name = (audience: string) => new TextEncoder().encode(`test key of ${audience}`);
  const seeds = await Promise.all(
    ['auditor', 'default', 'owner'].map(async (audience) => new Uint8Array(await crypto.subtle.digest('SHA-512', name(audience)))),
  );
  for (const part of Object.values(vector.Parts)) {
    expect(await jsonFor(vector.Schema, bytesOf(part.Bytes), seeds)).toBe(respell(part.Reader));
  }
});

test('a changed value or envelope does not open', async () => {
  const [, vector] = sealedVectors.find(([file]) => file === 'trading-order.json')!;
  const seeds = Object.values(vector.Seeds).map(bytesOf);
  const message = bytesOf(vector.Bytes);
  const envelope = message.length - new DataView(message.buffer).getUint32(message.length - 4, true);
  // The last byte of the value's tag, the message number, the encapsulated secret, and the tag of the keys.
  for (const at of [envelope - 1, envelope + 3 + 12, envelope + 3 + 20, message.length - 5]) {
    const changed = message.map((byte, i) => (i === at ? byte ^ 1 : byte));
    await expect(jsonFor(vector.Schema, changed, seeds)).rejects.toThrow();
  }
});
