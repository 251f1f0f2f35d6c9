import { ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { sha256 } from '../../src/esf/sha256';
import { isFixed, isPrivate, sizeOf, type EsfRecord, type EsfSchema, type EsfType } from '../../src/esf/types';

// A reader with keys, written only from "Privacy" in docs/formats/esf.md. It is for tests: the console has no keys, and these messages are
// complete, have exactly this schema and are not hostile.

const sealedBit = 0x80000000;
const numberBytes = 4;
const tagBytes = 16;
const recipientHeadBytes = 8 + 4 + 8;
const ciphertextBytes = 1568;
const keyBytes = 32;

type ContentKeys = Map<number, CryptoKey>;

/**
  * Opens a sealed message with some keys: removes the envelope and the flag, decrypts each value that a key opens and
 * withholds the others. A message without the flag is unchanged. Rejects if an authentication tag is wrong.
 */
export async function openMessage(schema: EsfSchema, sealed: Uint8Array, seeds: readonly Uint8Array[]): Promise<Uint8Array> {
  const message = new Uint8Array(sealed);
  if (message[15] === 0) {
    return message;
  }
  const envelope = message.length - viewOf(message).getUint32(message.length - 4, true);
  const keys = await contentKeys(message.subarray(envelope), seeds);
  const records = message.slice(0, envelope);
  await new Opener(schema.name, keys).record(schema.record, viewOf(records), []);
  records[15] = 0;
  return records;
}

/** The content keys in the envelope for these seeds, by number. */
async function contentKeys(envelope: Uint8Array<ArrayBuffer>, seeds: readonly Uint8Array[]): Promise<ContentKeys> {
  const pairs = new Map(
    seeds.map((seed) => {
      const pair = ml_kem1024.keygen(seed);
      return [viewOf(sha256(pair.publicKey)).getBigUint64(0, true), pair.secretKey];
    }),
  );
  const keys: ContentKeys = new Map();
  const view = viewOf(envelope);
  let at = 3;
  for (let i = envelope[2]!; i > 0; i--) {
    const secretKey = pairs.get(view.getBigUint64(at, true));
    const numbers = bitsOf(view.getUint32(at + 8, true));
    const head = recipientHeadBytes + ciphertextBytes;
    const end = at + head + numbers.length * keyBytes + tagBytes;
    if (secretKey !== undefined) {
      const secret = ml_kem1024.decapsulate(envelope.slice(at + recipientHeadBytes, at + head), secretKey);
      const nonce = new Uint8Array(12);
      nonce.set(envelope.subarray(at + 12, at + 20));
      const opened = await open(await envelopeKey(secret), nonce, envelope.slice(at, at + head), envelope.slice(at + head, end));
      for (const [place, number] of numbers.entries()) {
        keys.set(number, await aesKey(opened.slice(place * keyBytes, (place + 1) * keyBytes)));
      }
    }
    at = end;
  }
  return keys;
}

/** Opens the values of a message in place, each after its number. */
class Opener {
  private readonly name: string;
  private readonly keys: ContentKeys;

  constructor(name: string, keys: ContentKeys) {
    this.name = name;
    this.keys = keys;
  }

  async record(record: EsfRecord, bytes: DataView<ArrayBuffer>, path: readonly string[]): Promise<void> {
    for (const field of record.fields) {
      const offset = isFixed(field.type) && !isPrivate(field) ? 0 : bytes.getUint32(field.offset, true);
      if (offset === 0) {
        continue;
      }
      const names = [...path, field.name];
      const length = bytes.getUint32(field.offset + 4, true);
      if (!isPrivate(field)) {
        await this.value(field.type, part(bytes, offset, length), names);
      } else if (await this.openInPlace(part(bytes, offset, length - sealedBit), names)) {
        const start = offset + numberBytes;
        const size = length - sealedBit - numberBytes - tagBytes;
        bytes.setUint32(field.offset, start, true);
        bytes.setUint32(field.offset + 4, size, true);
        await this.value(field.type, part(bytes, start, size), names);
      }
    }
  }

  /** Opens the private values in all nested objects of a value. */
  private async value(type: EsfType, region: DataView<ArrayBuffer>, names: readonly string[]): Promise<void> {
    if (type.kind === 'object') {
      await this.record(type.record, region, names);
    } else if (type.kind === 'array' || type.kind === 'map') {
      const types = type.kind === 'array' ? [type.item] : [type.key, type.value];
      let at = 4;
      for (let i = region.getUint32(0, true) * types.length, next = 0; i > 0; i--, next = (next + 1) % types.length) {
        const item = types[next]!;
        const prefix = isFixed(item) ? 0 : 4;
        const length = isFixed(item) ? sizeOf(item) : region.getUint32(at, true);
        await this.value(item, part(region, at + prefix, length), names);
        at += prefix + length;
      }
    }
  }

  private async openInPlace(region: DataView<ArrayBuffer>, names: readonly string[]): Promise<boolean> {
    const key = region.byteLength === 0 ? undefined : this.keys.get(region.getUint32(0, true) >>> 24);
    if (key === undefined) {
      return false;
    }
    const bytes = new Uint8Array(region.buffer, region.byteOffset, region.byteLength);
    const nonce = new Uint8Array(12);
    nonce.set(bytes.subarray(0, numberBytes));
    const place = new TextEncoder().encode(`${this.name}/${names.join('.')}`);
    bytes.set(await open(key, nonce, place, bytes.slice(numberBytes)), numberBytes);
    return true;
  }
}

async function open(key: CryptoKey, nonce: Uint8Array<ArrayBuffer>, additionalData: Uint8Array<ArrayBuffer>, sealed: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: nonce, additionalData, tagLength: 8 * tagBytes }, key, sealed));
}

async function envelopeKey(secret: Uint8Array): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', new Uint8Array(secret), 'HKDF', false, ['deriveBits']);
  const info = new TextEncoder().encode('estream esf1 envelope 1');
  return aesKey(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info }, base, 8 * keyBytes));
}

function aesKey(bytes: BufferSource): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['decrypt']);
}

/** The numbers of the set bits, lowest first. */
function bitsOf(mask: number): number[] {
  return Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => (mask >>> bit) % 2 === 1);
}

function viewOf<T extends ArrayBufferLike>(bytes: Uint8Array<T>): DataView<T> {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function part(bytes: DataView<ArrayBuffer>, offset: number, length: number): DataView<ArrayBuffer> {
  return new DataView(bytes.buffer, bytes.byteOffset + offset, length);
}
