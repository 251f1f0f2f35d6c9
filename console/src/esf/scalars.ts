import { EsfFault } from './fault';
import type { EsfFixedType } from './types';

/**
 * The JSON value of a fixed-size value. 64-bit numbers and times are bigints, bytes are hexadecimal digits, and a float
 * without a JSON number (NaN, infinity) is its name.
 * @param strict whether an unknown enum ordinal is a fault; otherwise the value is its number.
 */
export function readScalar(type: EsfFixedType, view: DataView, at: number, strict: boolean): boolean | number | bigint | string {
  switch (type.kind) {
    case 'bool':
      return readBool(view.getUint8(at), at + view.byteOffset);
    case 'u8':
      return view.getUint8(at);
    case 'u16':
      return view.getUint16(at, true);
    case 'u32':
      return view.getUint32(at, true);
    case 'u64':
      return view.getBigUint64(at, true);
    case 'i8':
      return view.getInt8(at);
    case 'i16':
      return view.getInt16(at, true);
    case 'i32':
      return view.getInt32(at, true);
    case 'i64':
    case 'timestamp':
      return view.getBigInt64(at, true);
    case 'f32':
      return named(shortest(view.getFloat32(at, true)));
    case 'f64':
      return named(view.getFloat64(at, true));
    case 'bytes32':
      return hexOf(new Uint8Array(view.buffer, view.byteOffset + at, 32));
    case 'enum': {
      const ordinal = view.getUint16(at, true);
      if (ordinal >= type.values.length && strict) {
        throw new EsfFault('bad-enum', at + view.byteOffset, `${type.name} has no value ${ordinal}`);
      }
      return type.values[ordinal] ?? ordinal;
    }
  }
}

/** Bytes as lower-case hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    text += (byte < 16 ? '0' : '') + byte.toString(16);
  }
  return text;
}

function readBool(byte: number, offset: number): boolean {
  if (byte > 1) {
    throw new EsfFault('bad-bool', offset, `A bool is 0 or 1, not ${byte}`);
  }
  return byte === 1;
}

function named(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** The shortest decimal number that rounds to this one in 32 bits: 0.1, not 0.10000000149011612. */
function shortest(value: number): number {
  if (value === 0 || !Number.isFinite(value)) {
    return value; // the text of -0 has no sign
  }
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) {
      return short;
    }
  }
  return Number(value.toPrecision(9));
}
