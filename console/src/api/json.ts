/** A JSON value in which an integer beyond 2^53 is a bigint, so that no digit is lost. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}

type SourceReviver = (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown;

const integer = /^-?\d+$/;

/** An integer beyond 2^53 has at least 16 digits. Digits after a decimal point do not count, because fractions are rounded anyway. */
const longDigits = /(?<![\d.])\d{16}/;

/** True if `JSON.parse` gives the source text of a number to a reviver. */
const tellsSource = (() => {
  let told = false;
  const probe: SourceReviver = (_key, value, context) => {
    told = context?.source === '1';
    return value;
  };
  JSON.parse('1', probe);
  return told;
})();

/**
 * Parses JSON without rounding 64-bit integers: positions, sequences and nanosecond times all exceed 2^53.
 * Throws SyntaxError on malformed text, as `JSON.parse` does.
 */
export function parseJson(text: string): JsonValue {
  // A list of ten thousand queues has no long integer, and a reviver makes parsing several times slower.
  if (!longDigits.test(text)) {
    return JSON.parse(text) as JsonValue;
  }
  return tellsSource ? parseWithSource(text) : parseWithMarks(text);
}

function parseWithSource(text: string): JsonValue {
  const reviver: SourceReviver = (_key, value, context) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && integer.test(context?.source ?? '')
      ? BigInt(context!.source!)
      : value;
  return JSON.parse(text, reviver) as JsonValue;
}

/** Matches a whole string literal, which is skipped, or a long integer outside strings. */
const stringOrLongInteger = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** For browsers without source text in the reviver: long integers go through `JSON.parse` as marked strings. */
export function parseWithMarks(text: string): JsonValue {
  // The mark is random for each call, so no message can contain it.
  const mark = `bigint:${Math.random().toString(36).slice(2)}:`;
  const marked = text.replace(stringOrLongInteger, (token) => (token.startsWith('"') ? token : `"${mark}${token}"`));
  return JSON.parse(marked, (_key, value: unknown) => {
    if (typeof value !== 'string' || !value.startsWith(mark)) {
      return value;
    }

    const exact = BigInt(value.slice(mark.length));
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
  }) as JsonValue;
}

/** The inverse of {@link parseJson}: bigints are written as plain integers. */
export function writeJson(value: JsonValue, indent = 0, depth = 0): string {
  if (typeof value === 'bigint') {
    return value.toString();
  }
  if (value === null || typeof value !== 'object') {
    return JSON.stringify(value);
  }

  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const items = Array.isArray(value)
    ? value.map((item) => writeJson(item, indent, depth + 1))
    : Object.entries(value).map(
        ([key, item]) => `${JSON.stringify(key)}:${indent ? ' ' : ''}${writeJson(item, indent, depth + 1)}`,
      );
  if (items.length === 0 || indent === 0) {
    return `${open}${items.join(',')}${close}`;
  }

  const line = `\n${' '.repeat(indent * (depth + 1))}`;
  return `${open}${line}${items.join(`,${line}`)}\n${' '.repeat(indent * depth)}${close}`;
}
