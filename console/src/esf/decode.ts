import { recordsEnd } from './envelope';
import { EsfFault } from './fault';
import { messageStart, objectStart } from './layout';
import { hexOf, readScalar } from './scalars';
import { isFixed, isPrivate, isTokenized, maxMessageBytes, sizeOf, type EsfField, type EsfFixedType, type EsfRecord, type EsfSchema, type EsfType, type EsfVariableType } from './types';

/**
 * A decoded value for JSON. Objects and maps keep the order of the message for any keys; 64-bit integers and times
 * are bigints.
 */
export type EsfValue = boolean | number | bigint | string | EsfWithheld | EsfValue[] | EsfObject;
export type EsfObject = Map<string, EsfValue>;

/** Stands for the sealed value of a private field, which can be read only with a key of its audience. */
export class EsfWithheld {
  readonly isWithheld = true;
}

const withheld = new EsfWithheld();
const sealedFlag = 1;
const sealedOverhead = 20;
const formatVersion = 1;
const referenceSize = 8;
const sealedBit = 0x80000000;
const prefixSize = 4;

/**
 * Reads a whole message and checks every rule of the format. If the message has another version of the schema, the
 * fields that both versions share are read; in a sealed message, everything except the private values. Throws only
 * {@link EsfFault}. The time is proportional to the message size.
 */
export function decodeMessage(schema: EsfSchema, message: Uint8Array): EsfObject {
  if (message.length < messageStart) {
    throw new EsfFault('too-short', message.length, `A message is at least ${messageStart} bytes long`);
  }
  if (message.length > maxMessageBytes) {
    throw new EsfFault('too-long', maxMessageBytes, `A message is at most ${maxMessageBytes} bytes long`);
  }
  const header = new DataView(message.buffer, message.byteOffset, messageStart);
  const isOwn = header.getBigUint64(0, true) === schema.id;
  if (header.getUint32(8, true) !== schema.nameId) {
    throw new EsfFault('other-schema', 8, `The message does not have the schema ${schema.name}`);
  }
  const isSealed = header.getUint8(15) === sealedFlag;
  if (header.getUint8(14) !== formatVersion || (header.getUint8(15) !== 0 && !isSealed) || (isSealed && isOwn && !schema.hasPrivateFields)) {
    throw new EsfFault('unknown-format', 14, 'The format version or a flag is unknown');
  }
  // A copy starts at offset 0 of its buffer, so that offsets in faults count from the start of the message.
  const copy = new DataView(new Uint8Array(message).buffer);
  const fixedLength = header.getUint16(12, true);
  const records = isSealed ? new DataView(copy.buffer, 0, recordsEnd(copy, fixedLength)) : copy;
  return new MessageDecoder(isOwn, isSealed).record(schema.record, records, fixedLength, true);
}

class MessageDecoder {
  private readonly strict: boolean;
  private readonly isSealed: boolean;
  private readonly text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  /**
   * @param strict whether the message names exactly this schema, so that lengths and enums must be exact.
   * @param isSealed whether the message has an envelope, so that every private value is sealed and regions are in order.
   */
  constructor(strict: boolean, isSealed: boolean) {
    this.strict = strict;
    this.isSealed = isSealed;
  }

  record(record: EsfRecord, bytes: DataView, fixedLength: number, isMessage: boolean): EsfObject {
    const code = isMessage ? 'unknown-format' : 'bad-record';
    if (!this.canRead(record, fixedLength)) {
      throw new EsfFault(code, bytes.byteOffset, `The record cannot be read with the fixed length ${fixedLength}`);
    }
    if (bytes.byteLength < fixedLength) {
      throw new EsfFault(isMessage ? 'too-short' : code, bytes.byteOffset, `The record is shorter than its fixed length ${fixedLength}`);
    }
    const object: EsfObject = new Map();
    let budget = bytes.byteLength - fixedLength;
    let end = fixedLength;
    for (const field of record.fields) {
      if (field.begin >= fixedLength) {
        break;
      }
      if (isFixed(field.type) && !isPrivate(field)) {
        if (field.presence === undefined || (bytes.getUint8(field.presence.offset) & field.presence.mask) !== 0) {
          object.set(field.name, readScalar(field.type, bytes, field.offset, this.strict));
        }
        continue;
      }
      const region = follow(field, bytes, fixedLength);
      if (region !== null) {
        budget -= region.byteLength;
        if (budget < 0 || (this.isSealed && bytes.getUint32(field.offset, true) < end)) {
          throw new EsfFault('bad-reference', bytes.byteOffset + field.offset, 'The regions together are longer than the variable section');
        }
        end = bytes.getUint32(field.offset, true) + region.byteLength;
        if (this.isSealed && isTokenized(field)) {
          requireToken(field, region);
        }
        object.set(field.name, isPrivate(field) ? this.private(field, bytes, region) : this.variable(field.type as EsfVariableType, region));
      }
    }
    return object;
  }

  /**
   * Whether a record with this fixed length can be read. A record of another version may be longer than this schema, or
   * end where a field of this schema begins if this field and all later fields are optional.
   */
  private canRead(record: EsfRecord, fixedLength: number): boolean {
    if (this.strict || fixedLength >= record.fixedLength) {
      return !this.strict || fixedLength === record.fixedLength;
    }
    const first = record.fields.findIndex((field) => field.begin === fixedLength);
    return first >= 0 && record.fields.slice(first).every((field) => field.optional);
  }

  private private(field: EsfField, bytes: DataView, region: DataView): EsfValue {
    const size = isFixed(field.type) ? sizeOf(field.type) : undefined;
    if (!isSealedReference(field, bytes)) {
      if (this.isSealed) {
        throw new EsfFault('unsealed', bytes.byteOffset + field.offset, `'${field.name}' is private but not encrypted in a sealed message`);
      }
      if (size !== undefined && region.byteLength !== size) {
        throw new EsfFault('wrong-length', region.byteOffset, `'${field.name}' takes ${size} bytes`);
      }
      return size === undefined ? this.variable(field.type as EsfVariableType, region) : readScalar(field.type as EsfFixedType, region, 0, this.strict);
    }
    if (this.isSealed && region.byteLength > 0) {
      const length = region.byteLength - sealedOverhead;
      if (length < 0 || (size !== undefined && length !== size)) {
        throw new EsfFault('bad-envelope', region.byteOffset, `'${field.name}' is sealed and has an impossible length`);
      }
      if ('maxBytes' in field.type && length > field.type.maxBytes) {
        throw new EsfFault('value-too-long', region.byteOffset, `The value is longer than ${field.type.maxBytes} bytes`);
      }
    }
    return withheld;
  }

  private variable(type: EsfVariableType, region: DataView): EsfValue {
    switch (type.kind) {
      case 'string':
        return this.string(region, type.maxBytes);
      case 'bytes':
      case 'pq_signature':
        checkLength(region, type.maxBytes);
        return hexOf(new Uint8Array(region.buffer, region.byteOffset, region.byteLength));
      case 'object':
        if (region.byteLength < objectStart) {
          throw new EsfFault('bad-record', region.byteOffset, 'A record begins with its fixed length');
        }
        return this.record(type.record, region, region.getUint16(0, true), false);
      case 'array':
        return this.array(type.item, region);
      case 'map':
        return this.map(type.key, type.value, region);
    }
  }

  private string(region: DataView, maxBytes: number): string {
    checkLength(region, maxBytes);
    try {
      return this.text.decode(region);
    } catch {
      throw new EsfFault('bad-text', region.byteOffset, 'The string is not valid UTF-8');
    }
  }

  private array(type: EsfType, region: DataView): EsfValue[] {
    const items: EsfValue[] = [];
    const walk = new Walk(region);
    for (let i = 0; i < walk.count; i++) {
      items.push(this.item(type, walk));
    }
    walk.end();
    return items;
  }

  private map(keyType: EsfType, valueType: EsfType, region: DataView): EsfObject {
    const object: EsfObject = new Map();
    const walk = new Walk(region);
    for (let i = 0; i < walk.count; i++) {
      const at = walk.offset;
      const key = String(this.item(keyType, walk));
      if (object.has(key)) {
        throw new EsfFault('repeated-key', at, 'The map has a repeated key');
      }
      object.set(key, this.item(valueType, walk));
    }
    walk.end();
    return object;
  }

  private item(type: EsfType, walk: Walk): EsfValue {
    return isFixed(type) ? readScalar(type, walk.take(sizeOf(type)), 0, this.strict) : this.variable(type, walk.take(walk.takeLength()));
  }
}

/** Reads the items of an array or a map and never leaves the region. */
class Walk {
  readonly count: number;
  private readonly region: DataView;
  private at = 0;

  constructor(region: DataView) {
    this.region = region;
    this.count = this.takeLength();
  }

  get offset(): number {
    return this.region.byteOffset + this.at;
  }

  takeLength(): number {
    return this.take(prefixSize).getUint32(0, true);
  }

  take(length: number): DataView {
    if (length > this.region.byteLength - this.at) {
      throw new EsfFault('bad-sequence', this.offset, 'The items are longer than their region');
    }
    const item = new DataView(this.region.buffer, this.offset, length);
    this.at += length;
    return item;
  }

  end(): void {
    if (this.at !== this.region.byteLength) {
      throw new EsfFault('bad-sequence', this.offset, 'The items do not fill their region');
    }
  }
}

/** Whether the top bit in the reference of a private field is set, so that it refers to a sealed value. */
function isSealedReference(field: EsfField, bytes: DataView): boolean {
  return isPrivate(field) && bytes.getUint32(field.offset + referenceSize / 2, true) >= sealedBit;
}

/** The region that a reference points to; null if the field is absent. */
function follow(field: EsfField, bytes: DataView, fixedLength: number): DataView | null {
  const at = bytes.byteOffset + field.offset;
  const offset = bytes.getUint32(field.offset, true);
  const top = bytes.getUint32(field.offset + referenceSize / 2, true);
  const length = isSealedReference(field, bytes) ? top - sealedBit : top;
  if (offset === 0 && top === 0) {
    if (!field.optional) {
      throw new EsfFault('missing-field', at, `'${field.name}' is required`);
    }
    return null;
  }
  if (offset < fixedLength || offset + length > bytes.byteLength) {
    throw new EsfFault('bad-reference', at, `'${field.name}' points outside the variable section`);
  }
  return new DataView(bytes.buffer, bytes.byteOffset + offset, length);
}

function checkLength(region: DataView, maxBytes: number): void {
  if (region.byteLength > maxBytes) {
    throw new EsfFault('value-too-long', region.byteOffset, `The value is longer than ${maxBytes} bytes`);
  }
}

/** A token has 13 to 19 digits and an invalid check digit; with a valid one it would be a card number. */
function requireToken(field: EsfField, region: DataView): void {
  let sum = 0;
  let isDigits = region.byteLength >= 13 && region.byteLength <= 19;
  for (let i = 0; isDigits && i < region.byteLength; i++) {
    const digit = region.getUint8(region.byteLength - 1 - i) - 0x30;
    isDigits = digit >= 0 && digit <= 9;
    const twice = 2 * digit;
    sum += i % 2 === 0 ? digit : twice > 9 ? twice - 9 : twice;
  }
  if (!isDigits || sum % 10 === 0) {
    throw new EsfFault('untokenized', region.byteOffset, `'${field.name}' must hold a card token`);
  }
}
