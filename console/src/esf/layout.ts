import { isInPlace, sizeOf, type EsfField, type EsfFixedType, type EsfRecord } from './types';

/** Bytes before the fixed block of a message, and before that of a nested object. */
export const messageStart = 16;
export const objectStart = 2;

const referenceSize = 8;

/** Assigns an offset to every field, in the order of the schema. */
export function layOut(fields: readonly Omit<EsfField, 'offset' | 'begin' | 'presence'>[], start: number): EsfRecord {
  let at = start;
  let presenceOffset = 0;
  let bits = 8;
  const placed = fields.map((field): EsfField => {
    const begin = at;
    const inPlace = isInPlace(field);
    const hasBit = field.optional && inPlace;
    if (hasBit && bits === 8) {
      presenceOffset = at++;
      bits = 0;
    }
    const offset = at;
    at += inPlace ? sizeOf(field.type as EsfFixedType) : referenceSize;
    return hasBit ? { ...field, begin, offset, presence: { offset: presenceOffset, mask: 1 << bits++ } } : { ...field, begin, offset };
  });
  return { fields: placed, fixedLength: at };
}
