import { EsfFault } from './fault';
import { maxAudiences, maxRecipients } from './types';

const envelopeVersion = 1;
const headBytes = 3;
const lengthBytes = 4;
const recipientHeadBytes = 8 + 4 + 8 + 1568;
const keyBytes = 32;
const tagBytes = 16;

/**
 * The offset where the records of a sealed message end and its envelope begins. Every byte of the envelope is checked,
 * although its content cannot be used without a key.
 */
export function recordsEnd(message: DataView, fixedLength: number): number {
  const room = message.byteLength - fixedLength;
  const length = room < headBytes + lengthBytes ? 0 : message.getUint32(message.byteLength - lengthBytes, true);
  const start = message.byteLength - length;
  const fail = (): never => {
    throw new EsfFault('bad-envelope', Math.max(start, 0), 'The envelope is invalid');
  };
  if (length > room || length < headBytes + lengthBytes) {
    return fail();
  }
  const keys = message.getUint8(start + 1);
  const recipients = message.getUint8(start + 2);
  if (message.getUint8(start) !== envelopeVersion || keys < 1 || keys > maxAudiences || recipients < 1 || recipients > maxRecipients) {
    return fail();
  }
  const end = message.byteLength - lengthBytes;
  let at = start + headBytes;
  let before = -1n;
  for (let i = 0; i < recipients; i++) {
    if (end - at < recipientHeadBytes) {
      return fail();
    }
    const id = message.getBigUint64(at, true);
    const mask = message.getUint32(at + 8, true);
    at += recipientHeadBytes + bitsIn(mask) * keyBytes + tagBytes;
    if (mask === 0 || mask >= 2 ** keys || id <= before || at > end) {
      return fail();
    }
    before = id;
  }
  return at === end ? start : fail();
}

function bitsIn(mask: number): number {
  let count = 0;
  for (let bits = mask; bits !== 0; bits = Math.floor(bits / 2)) {
    count += bits % 2;
  }
  return count;
}
