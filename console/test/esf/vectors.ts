/** A message written by the .NET library and committed: canonical text, id, JSON and bytes. */
export interface Vector {
  Schema: string;
  SchemaId: string;
  Json: string;
  Bytes: string;
}

/** The golden vectors by file name. */
export const vectors: [string, Vector][] = Object.entries(
  import.meta.glob<Vector>('../../../tests/Estream.Esf.Tests/Vectors/*.json', { eager: true, import: 'default' }),
).map(([path, vector]) => [path.split('/').pop()!, vector]);

/** A sealed message, the seeds of the audiences' keys, and the JSON that each of them reads; '' is the JSON without a key. */
export interface SealedVector extends Vector {
  Seeds: Record<string, string>;
  Readers: Record<string, string>;
}

/** The golden vectors of sealed messages by file name. */
export const sealedVectors: [string, SealedVector][] = Object.entries(
  import.meta.glob<SealedVector>('../../../tests/Estream.Esf.Tests/Vectors/Sealed/*.json', { eager: true, import: 'default' }),
).map(([path, vector]) => [path.split('/').pop()!, vector]);

/** A sealed message and its parts by sub-lex, the main part as ''. */
export interface PartsVector extends Vector {
  Parts: Record<string, { Stranger: string; Reader: string; Bytes: string }>;
}

/** The golden vectors of split messages by file name. */
export const partsVectors: [string, PartsVector][] = Object.entries(
  import.meta.glob<PartsVector>('../../../tests/Estream.Esf.Tests/Vectors/Parts/*.json', { eager: true, import: 'default' }),
).map(([path, vector]) => [path.split('/').pop()!, vector]);

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** JSON of .NET with numbers as JavaScript writes them: 1E-07 becomes 1e-7. Everything else is unchanged. */
export function respell(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?E[+-]\d+/g, (token) => (token.startsWith('"') ? token : String(Number(token))));
}
