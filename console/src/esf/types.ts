/** The fixed-size types of the schema language, with their size in bytes in a fixed block. */
export const fixedSizes = {
  bool: 1,
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  i8: 1,
  i16: 2,
  i32: 4,
  i64: 8,
  f32: 4,
  f64: 8,
  timestamp: 8,
  bytes32: 32,
} as const;

export type FixedWord = keyof typeof fixedSizes;

export const maxMessageBytes = 67_108_864;
export const maxSignatureBytes = 4627;
export const maxDepth = 8;
export const maxFields = 256;
export const maxEnumValues = 65_536;
export const maxNameLength = 128;
export const maxAudiences = 32;
export const maxRecipients = 64;
export const maxSubLexes = 8;

/** A type whose values are stored in the fixed block. */
export type EsfFixedType =
  | { readonly kind: FixedWord }
  | { readonly kind: 'enum'; readonly name: string; readonly values: readonly string[] };

/** A type whose values are stored by reference. */
export type EsfVariableType =
  | { readonly kind: 'string' | 'bytes' | 'pq_signature'; readonly maxBytes: number }
  | { readonly kind: 'object'; readonly record: EsfRecord }
  | { readonly kind: 'array'; readonly item: EsfType }
  | { readonly kind: 'map'; readonly key: EsfType; readonly value: EsfType };

export type EsfType = EsfFixedType | EsfVariableType;

/** A field and its location; offsets count from the start of the record. */
export interface EsfField {
  readonly name: string;
  readonly type: EsfType;
  readonly optional: boolean;
  /** The privacy, as in the canonical text after the `@`; '' if the field is public. */
  readonly privacy: string;
  readonly offset: number;
  /** The fixed length of a record that ends before this field: the start of the field, including its presence byte. */
  readonly begin: number;
  /** The byte and bit that mark the field as present; absent if it needs none. */
  readonly presence?: { readonly offset: number; readonly mask: number };
}

export interface EsfRecord {
  readonly fields: readonly EsfField[];
  readonly fixedLength: number;
}

export interface EsfSchema {
  /** `namespace.Name`. */
  readonly name: string;
  /** The first 8 bytes of the SHA-256 of the canonical text, as the little-endian number at the start of a message. */
  readonly id: bigint;
  readonly nameId: number;
  readonly record: EsfRecord;
  /** Whether any field is private, including fields of nested objects. */
  readonly hasPrivateFields: boolean;
}

/** Whether the values of a field are stored sealed. Such a field is stored by reference, whatever its type. */
export function isPrivate(field: Pick<EsfField, 'privacy'>): boolean {
  return field.privacy.startsWith('encrypted');
}

/** Whether the values of a field are card numbers that are stored as tokens. */
export function isTokenized(field: Pick<EsfField, 'privacy'>): boolean {
  return field.privacy === 'tokenized';
}

/** Whether the value of a field is stored in the fixed block. */
export function isInPlace(field: Pick<EsfField, 'privacy' | 'type'>): boolean {
  return isFixed(field.type) && !isPrivate(field);
}

/** The groups of audiences that can read private fields of a record or of its nested objects, each as its names. */
export function readerGroups(record: EsfRecord): Set<string> {
  const groups = new Set<string>();
  for (const field of record.fields) {
    if (isPrivate(field)) {
      const named = [...field.privacy.matchAll(/([a-z0-9_]+)=public/g)].map((match) => match[1]!);
      groups.add((named.length === 0 ? ['default'] : named).join(' '));
    }
    for (let type: EsfType | undefined = field.type; type !== undefined; type = type.kind === 'array' ? type.item : type.kind === 'map' ? type.value : undefined) {
      if (type.kind === 'object') {
        readerGroups(type.record).forEach((group) => groups.add(group));
      }
    }
  }
  return groups;
}

/** The sub-lexes that private fields name; null if a field inside a private field names one, because a sealed value hides it. */
export function subLexes(record: EsfRecord, isInside = false, names = new Set<string>()): Set<string> | null {
  for (const field of record.fields) {
    const name = field.privacy.split('/')[1];
    if (name !== undefined) {
      if (isInside) {
        return null;
      }
      names.add(name);
    }
    for (let type: EsfType | undefined = field.type; type !== undefined; type = type.kind === 'array' ? type.item : type.kind === 'map' ? type.value : undefined) {
      if (type.kind === 'object' && subLexes(type.record, isInside || isPrivate(field), names) === null) {
        return null;
      }
    }
  }
  return names;
}

export function isFixed(type: EsfType): type is EsfFixedType {
  return type.kind === 'enum' || Object.hasOwn(fixedSizes, type.kind);
}

/** The size in bytes of a value in the fixed block. */
export function sizeOf(type: EsfFixedType): number {
  return type.kind === 'enum' ? 2 : fixedSizes[type.kind];
}

/** Types with a text form, which can be the key of a map. */
export function hasTextForm(type: EsfType): boolean {
  return type.kind === 'string' || (isFixed(type) && type.kind !== 'f32' && type.kind !== 'f64');
}
