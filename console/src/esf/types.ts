/** The words of the schema language that stand for a type of fixed size, with their bytes in a fixed block. */
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

/** A type whose values stand in place. */
export type EsfFixedType =
  | { readonly kind: FixedWord }
  | { readonly kind: 'enum'; readonly name: string; readonly values: readonly string[] };

/** A type whose values are held by reference. */
export type EsfVariableType =
  | { readonly kind: 'string' | 'bytes' | 'pq_signature'; readonly maxBytes: number }
  | { readonly kind: 'object'; readonly record: EsfRecord }
  | { readonly kind: 'array'; readonly item: EsfType }
  | { readonly kind: 'map'; readonly key: EsfType; readonly value: EsfType };

export type EsfType = EsfFixedType | EsfVariableType;

/** A field and its place: offsets count from the start of the record. */
export interface EsfField {
  readonly name: string;
  readonly type: EsfType;
  readonly optional: boolean;
  /** Who may read it, as the canonical text has it behind the `@`; '' for everybody. */
  readonly privacy: string;
  readonly offset: number;
  /** The fixed length of a record that ends before this field: where it begins, its presence byte included. */
  readonly begin: number;
  /** The byte and the bit that say whether it is there; absent where it needs none. */
  readonly presence?: { readonly offset: number; readonly mask: number };
}

export interface EsfRecord {
  readonly fields: readonly EsfField[];
  readonly fixedLength: number;
}

export interface EsfSchema {
  /** `namespace.Name`. */
  readonly name: string;
  /** The first 8 bytes of the SHA-256 of the canonical text, as the little-endian number a message begins with. */
  readonly id: bigint;
  readonly nameId: number;
  readonly record: EsfRecord;
  /** Whether any field is private, also in the objects inside. */
  readonly hasPrivateFields: boolean;
}

/** Whether values are stored sealed. Such a field is held by reference, whatever its type. */
export function isPrivate(field: Pick<EsfField, 'privacy'>): boolean {
  return field.privacy.startsWith('encrypted');
}

/** Whether values are numbers of cards, of which tokens are stored. */
export function isTokenized(field: Pick<EsfField, 'privacy'>): boolean {
  return field.privacy === 'tokenized';
}

/** Whether a field's value stands in the fixed block. */
export function isInPlace(field: Pick<EsfField, 'privacy' | 'type'>): boolean {
  return isFixed(field.type) && !isPrivate(field);
}

/** The groups of audiences that read the private fields of a record and of all objects in it, by the names in each. */
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

/** The sub-lexes that private fields name; null where one does inside a private field, in whose sealed value it could not be found. */
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

/** Bytes of a value that stands in place. */
export function sizeOf(type: EsfFixedType): number {
  return type.kind === 'enum' ? 2 : fixedSizes[type.kind];
}

/** Types with a text form: what can be the key of a map. */
export function hasTextForm(type: EsfType): boolean {
  return type.kind === 'string' || (isFixed(type) && type.kind !== 'f32' && type.kind !== 'f64');
}
