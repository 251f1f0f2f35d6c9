import { expect, test } from 'vitest';
import { readCanonicalText } from '../../src/esf/canonicalText';
import { decodeMessage } from '../../src/esf/decode';
import { EsfFault } from '../../src/esf/fault';
import { writeEsfJson } from '../../src/esf/json';
import { bytesOf, vectors } from './vectors';

/** A generator of 32-bit numbers (xorshift32), seeded so that a failing run can be repeated. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const edges = [0, 1, 2, 0x7f, 0x80, 0xff];

/** Makes one to four changes after the header: flip a bit, set an extreme value, cut, or repeat a part. */
function damage(original: Uint8Array, random: (below: number) => number): Uint8Array {
  let bytes = [...original];
  for (let change = 1 + random(4); change > 0; change--) {
    const at = Math.min(random(8) === 0 ? random(16) : 16 + random(bytes.length - 16 || 1), bytes.length - 1);
    const length = 1 + random(8);
    switch (random(4)) {
      case 0:
        bytes[at]! ^= 1 << random(8);
        break;
      case 1:
        bytes[at] = edges[random(edges.length)]!;
        break;
      case 2:
        bytes = [...bytes.slice(0, at), ...bytes.slice(at + length)];
        break;
      default:
        bytes = [...bytes.slice(0, at), ...bytes.slice(at, at + length), ...bytes.slice(at)];
    }
  }
  return Uint8Array.from(bytes);
}

/** Whether the call throws an EsfFault; any other exception reaches the test. */
function isRefused(read: () => unknown): boolean {
  try {
    read();
    return false;
  } catch (e) {
    if (e instanceof EsfFault) {
      return true;
    }
    throw e;
  }
}

test.each(vectors)('%s damaged is a value or a fault', (_file, vector) => {
  const schema = readCanonicalText(vector.Schema);
  const original = bytesOf(vector.Bytes);
  const random = randomFrom(20_261);
  let refused = 0;
  for (let i = 0; i < 500; i++) {
    const damaged = damage(original, random);
    refused += isRefused(() => JSON.parse(writeEsfJson(decodeMessage(schema, damaged)))) ? 1 : 0;
  }
  expect(refused).toBeGreaterThan(50);
  expect(refused).toBeLessThan(500);
});

test.each(vectors)('every cut of %s is a fault', (_file, vector) => {
  const schema = readCanonicalText(vector.Schema);
  const original = bytesOf(vector.Bytes);
  for (let length = 0; length < Math.min(original.length, 4096); length++) {
    expect(() => decodeMessage(schema, original.subarray(0, length))).toThrow(EsfFault);
  }
});

test.each(vectors)('the schema of %s damaged is a schema or a fault', (_file, vector) => {
  const random = randomFrom(7);
  const text = vector.Schema;
  for (let i = 0; i < 500; i++) {
    const at = random(text.length);
    const damaged = text.slice(0, at) + text.slice(at + random(3), at + random(20)) + '{}(),:?@=[] x0A_.é'[random(18)] + text.slice(at + random(2));
    isRefused(() => readCanonicalText(damaged));
  }
});
