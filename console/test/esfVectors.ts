/** A committed message of the .NET library: canonical text, id, JSON and bytes. */
export interface Vector {
  Schema: string;
  SchemaId: string;
  Json: string;
  Bytes: string;
}

/** The golden vectors by their file names. */
export const vectors: [string, Vector][] = Object.entries(
  import.meta.glob<Vector>('../../tests/Estream.Esf.Tests/Vectors/*.json', { eager: true, import: 'default' }),
).map(([path, vector]) => [path.split('/').pop()!, vector]);

/** A sealed message: seeds of the audiences' keys, and the JSON that each of them sees; under '' that of who has no key. */
export interface SealedVector extends Vector {
  Seeds: Record<string, string>;
  Readers: Record<string, string>;
}

/** The golden vectors of sealed messages by their file names. */
export const sealedVectors: [string, SealedVector][] = Object.entries(
  import.meta.glob<SealedVector>('../../tests/Estream.Esf.Tests/Vectors/Sealed/*.json', { eager: true, import: 'default' }),
).map(([path, vector]) => [path.split('/').pop()!, vector]);

/** A sealed message and its parts by sub-lexes, the main part under ''. */
export interface PartsVector extends Vector {
  Parts: Record<string, { Stranger: string; Reader: string; Bytes: string }>;
}

/** The golden vectors of messages taken apart, by their file names. */
export const partsVectors: [string, PartsVector][] = Object.entries(
  import.meta.glob<PartsVector>('../../tests/Estream.Esf.Tests/Vectors/Parts/*.json', { eager: true, import: 'default' }),
).map(([path, vector]) => [path.split('/').pop()!, vector]);

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** JSON of .NET with its numbers spelt as JavaScript spells them: 1E-07 becomes 1e-7. Everything else stays. */
export function respell(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?E[+-]\d+/g, (token) => (token.startsWith('"') ? token : String(Number(token))));
}
