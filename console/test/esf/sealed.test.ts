import { expect, test } from 'vitest';
import { readCanonicalText } from '../../src/esf/canonicalText';
import { decodeMessage } from '../../src/esf/decode';
import { EsfFault } from '../../src/esf/fault';
import { writeEsfJson } from '../../src/esf/json';
import { bytesOf, sealedVectors } from './vectors';

const [, nested] = sealedVectors.find(([file]) => file === 'nested.json')!;
const schema = readCanonicalText(nested.Schema);
const sealed = bytesOf(nested.Bytes);

function outcome(bytes: Uint8Array): string {
  try {
    return writeEsfJson(decodeMessage(schema, bytes));
  } catch (e) {
    expect(e).toBeInstanceOf(EsfFault);
    return (e as EsfFault).code;
  }
}

const changed = (at: number, change: (byte: number) => number) => sealed.map((byte, i) => (i === (at < 0 ? sealed.length + at : at) ? change(byte) : byte));
const envelope = sealed.length - new DataView(sealed.buffer).getUint32(sealed.length - 4, true);
const place = (name: string) => schema.record.fields.find((field) => field.name === name)!.offset;

test('a private field of any type takes the eight bytes of a reference', () => {
  expect(place('state') - place('well')).toBe(8);
  expect(place('well') - place('age')).toBe(8);
  expect(schema.record.fields.every((field) => field.presence === undefined)).toBe(true);
});

test('a sealed message that is cut or has extra bytes is rejected', () => {
  for (let length = 0; length < sealed.length; length++) {
    expect(() => decodeMessage(schema, sealed.slice(0, length))).toThrow(EsfFault);
  }
  expect(outcome(Uint8Array.from([...sealed, 0]))).toBe('bad-envelope');
});

test('every structural byte of the envelope is checked', () => {
  for (const [at, wrong] of [[0, 2], [1, 0], [1, 33], [1, 1], [2, 0], [2, 65], [2, 1], [3 + 8, 0]] as const) {
    expect(outcome(changed(envelope + at, () => wrong))).toBe('bad-envelope');
  }
  expect(outcome(changed(-4, (byte) => byte + 1))).toBe('bad-envelope');
  expect(outcome(changed(-1, () => 0xff))).toBe('bad-envelope');
});

test('readers must be in the order of their keys', () => {
  // The most significant byte of the first id, so that the next id is not higher.
  expect(outcome(changed(envelope + 3 + 7, () => 0xff))).toBe('bad-envelope');
});

test('an unencrypted value among sealed ones, or a value out of order, is rejected', () => {
  expect(outcome(changed(place('age') + 7, () => 0))).toBe('unsealed');
  expect(outcome(changed(place('note'), () => schema.record.fixedLength))).toBe('bad-reference');
  expect(outcome(changed(place('age') + 4, (byte) => byte - 1))).toBe('bad-envelope');
});

test('a sealed message without its flag shows no private values', () => {
  expect(outcome(changed(15, () => 0))).toBe(nested.Readers['']);
  expect(outcome(changed(15, () => 2))).toBe('unknown-format');
});

test('a schema without private fields has no sealed messages, but reads sealed messages of other versions', () => {
  const small = readCanonicalText('esf1 test.nested.Visit{id:string(16)}');
  expect(writeEsfJson(decodeMessage(small, sealed))).toBe('{"id":"visit-1"}');
  const own = new Uint8Array(sealed);
  new DataView(own.buffer).setBigUint64(0, small.id, true);
  expect(() => decodeMessage(small, own)).toThrow('unknown-format');
});

test('unencrypted private fields are read if the message is not sealed', () => {
  const clear = readCanonicalText('esf1 a.B{a:u16@encrypted,b?:bool@encrypted}');
  const message = new Uint8Array(16 + 16 + 2);
  const view = new DataView(message.buffer);
  view.setBigUint64(0, clear.id, true);
  view.setUint32(8, clear.nameId, true);
  view.setUint16(12, 32, true);
  view.setUint8(14, 1);
  view.setUint32(16, 32, true);
  view.setUint32(20, 2, true);
  view.setUint16(32, 515, true);
  expect(writeEsfJson(decodeMessage(clear, message))).toBe('{"a":515}');
  view.setUint32(20, 1, true);
  expect(() => decodeMessage(clear, message)).toThrow('wrong-length');
});

test('the number of audiences is limited', () => {
  const audiences = (count: number) => Array.from({ length: count }, (_, i) => `a${String(i).padStart(2, '0')}=public`).join(',');
  expect(readCanonicalText(`esf1 a.B{a:u8@encrypted[${audiences(32)}]}`).hasPrivateFields).toBe(true);
  expect(() => readCanonicalText(`esf1 a.B{a:u8@encrypted[${audiences(33)}]}`)).toThrow(EsfFault);
});
