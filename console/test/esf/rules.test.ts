import { expect, test } from 'vitest';
import { readCanonicalText } from '../../src/esf/canonicalText';
import { decodeMessage } from '../../src/esf/decode';
import { EsfFault, type EsfFaultCode } from '../../src/esf/fault';
import { writeEsfJson } from '../../src/esf/json';
import { maxMessageBytes, type EsfSchema } from '../../src/esf/types';
import { bytesOf } from './vectors';

/** A message from the parts after its header, as hexadecimal digits, with the fixed length of the writer. */
function message(schema: EsfSchema, body: string, fixedLength = schema.record.fixedLength): Uint8Array {
  const bytes = new Uint8Array(16 + body.replaceAll(' ', '').length / 2);
  const header = new DataView(bytes.buffer);
  header.setBigUint64(0, schema.id, true);
  header.setUint32(8, schema.nameId, true);
  header.setUint16(12, fixedLength, true);
  header.setUint8(14, 1);
  bytes.set(bytesOf(body.replaceAll(' ', '')), 16);
  return bytes;
}

/** The JSON of the message, or the code of the fault. */
function outcome(schema: EsfSchema, bytes: Uint8Array): string {
  try {
    return writeEsfJson(decodeMessage(schema, bytes));
  } catch (e) {
    expect(e).toBeInstanceOf(EsfFault);
    return (e as EsfFault).code;
  }
}

const reference = (offset: number, length: number) =>
  [offset, length].map((n) => n.toString(16).padStart(8, '0').match(/../g)!.reverse().join('')).join('');

test.each<[EsfFaultCode, string, string]>([
  ['too-short', '{a:u16}', '00'],
  ['missing-field', '{a:string}', reference(0, 0)],
  ['bad-reference', '{a:string}', reference(16, 1) + '78'],
  ['bad-reference', '{a:string}', reference(24, 2) + '78'],
  ['bad-reference', '{a:string}', reference(0, 1) + '78'],
  ['bad-reference', '{a:string}', reference(0xffffffff, 0xffffffff)],
  ['bad-reference', '{a:string,b:string}', reference(32, 1) + reference(32, 1) + '78'],
  ['bad-record', '{a:object{b:u8}}', reference(24, 1) + '03'],
  ['bad-record', '{a:object{b:u8}}', reference(24, 2) + '0300'],
  ['bad-record', '{a:object{b:u8}}', reference(24, 3) + '040001'],
  ['bad-sequence', '{a:array(u16)}', reference(24, 3) + '000000'],
  ['bad-sequence', '{a:array(u16)}', reference(24, 6) + '02000000 0100'],
  ['bad-sequence', '{a:array(u16)}', reference(24, 7) + '01000000 0100 00'],
  ['bad-sequence', '{a:array(string)}', reference(24, 8) + '01000000 01000000'],
  ['bad-sequence', '{a:array(string)}', reference(24, 8) + 'ffffffff 00000000'],
  ['repeated-key', '{a:map(u8,u8)}', reference(24, 8) + '02000000 0101 0102'],
  ['bad-bool', '{a:bool}', '02'],
  ['bad-enum', '{a:enum E{X,Y}}', '0200'],
  ['bad-text', '{a:string}', reference(24, 2) + 'c080'],
  ['bad-text', '{a:string}', reference(24, 3) + 'eda080'],
  ['value-too-long', '{a:string(1)}', reference(24, 2) + 'c3a4'],
])('%s: %s %s', (code, record, body) => {
  const schema = readCanonicalText(`esf1 a.B${record}`);
  expect(outcome(schema, message(schema, body))).toBe(code);
});

test('a signature is at most as long as one of ML-DSA-87', () => {
  const schema = readCanonicalText('esf1 a.B{a:pq_signature}');
  expect(outcome(schema, message(schema, reference(24, 4627) + '00'.repeat(4627)))).toBe(`{"a":"${'00'.repeat(4627)}"}`);
  expect(outcome(schema, message(schema, reference(24, 4628) + '00'.repeat(4628)))).toBe('value-too-long');
});

test('the length of a message is limited', () => {
  const schema = readCanonicalText('esf1 a.B{a:u8}');
  expect(outcome(schema, new Uint8Array(maxMessageBytes + 1))).toBe('too-long');
});

test('every part of the header is checked', () => {
  const schema = readCanonicalText('esf1 a.B{a:u8}');
  const good = message(schema, '07');
  expect(outcome(schema, good)).toBe('{"a":7}');
  const faults = Array.from({ length: 16 }, (_, i) => outcome(schema, good.map((byte, at) => (at === i ? byte ^ 0x40 : byte))));
  // Without the schema id, the message counts as another version; with a complete fixed block it reads the same.
  expect(faults).toEqual([
    ...Array.from({ length: 8 }, () => '{"a":7}'),
    ...Array.from({ length: 4 }, () => 'other-schema'),
    ...Array.from({ length: 4 }, () => 'unknown-format'),
  ]);
  expect(outcome(schema, good.slice(0, 15))).toBe('too-short');
});

test('absent fields are not checked', () => {
  const schema = readCanonicalText('esf1 a.B{a?:bool,b?:enum E{X}}');
  expect(outcome(schema, message(schema, 'fc ff ffff'))).toBe('{}');
});

test('regions may stand in any order, with gaps, and be empty', () => {
  const schema = readCanonicalText('esf1 a.B{a:string,b:string,c:bytes}');
  expect(outcome(schema, message(schema, reference(42, 1) + reference(40, 1) + reference(43, 0) + '79 00 78'))).toBe('{"a":"x","b":"y","c":""}');
});

test('a byte order mark at the start is kept as text', () => {
  const schema = readCanonicalText('esf1 a.B{a:string}');
  expect(outcome(schema, message(schema, reference(24, 4) + 'efbbbf78'))).toBe('{"a":"\ufeffx"}');
});

test('members keep their order with any name', () => {
  const schema = readCanonicalText('esf1 a.B{a:map(string,u8)}');
  const entries = '03000000' + '01000000 39 01' + '01000000 31 02' + '09000000 5f5f70726f746f5f5f 03';
  expect(outcome(schema, message(schema, reference(24, 30) + entries))).toBe('{"a":{"9":1,"1":2,"__proto__":3}}');
});

test('floats keep their value and their sign', () => {
  const schema = readCanonicalText('esf1 a.B{a:f32,b:f64,c:f32,d:f32}');
  expect(outcome(schema, message(schema, 'cdcccc3d 0000000000000080 000080ff 00000080'))).toBe('{"a":0.1,"b":-0,"c":"-Infinity","d":-0}');
});

const earlier = readCanonicalText('esf1 a.B{a:u8,e:enum E{X}}');
const later = readCanonicalText('esf1 a.B{a:u8,e:enum E{X,Y},o?:u8,s?:string}');

test('of a message of a later version, the known fields are read', () => {
  expect(outcome(earlier, message(later, '07 0100 01 09' + reference(29, 1) + '78'))).toBe('{"a":7,"e":1}');
});

test('a message of an earlier version lacks the appended fields', () => {
  expect(outcome(later, message(earlier, '07 0000'))).toBe('{"a":7,"e":"X"}');
});

test('a fixed length between two fields of the reader is rejected', () => {
  for (const length of [17, 18, 20]) {
    expect(outcome(later, message(earlier, '07 0000 00', length))).toBe('unknown-format');
  }
  expect(outcome(later, message(earlier, '07 0000 01 09', 21))).toBe('{"a":7,"e":"X","o":9}');
});

test('a message of an earlier version must contain every required field', () => {
  const reader = readCanonicalText('esf1 a.B{a:u8,b:u8,c?:u8}');
  expect(outcome(reader, message(earlier, '07', 17))).toBe('unknown-format');
});

test('a nested object is read with its own fixed length in another version, and with that of the schema otherwise', () => {
  const small = readCanonicalText('esf1 a.B{a:object{x:u8}}');
  const large = readCanonicalText('esf1 a.B{a:object{x:u8,y?:u8}}');
  expect(outcome(large, message(small, reference(24, 3) + '0300 05'))).toBe('{"a":{"x":5}}');
  expect(outcome(small, message(large, reference(24, 5) + '0500 05 01 06'))).toBe('{"a":{"x":5}}');
  expect(outcome(small, message(small, reference(24, 5) + '0500 05 01 06'))).toBe('bad-record');
});
