import type { JsonObject, JsonValue } from './json';

/** The host's answer does not follow the documented API; the message names the member. */
export class DecodeError extends Error {
  /** What is wrong, without the sender. */
  readonly detail: string;

  constructor(path: string, wanted: string, found: JsonValue | undefined) {
    const detail = found === undefined ? `${path} is missing.` : `${path} is ${kindOf(found)}, expected ${wanted}.`;
    super(`The host's answer was not understood: ${detail}`);
    this.name = 'DecodeError';
    this.detail = detail;
  }
}

/** Reads one JSON object of an answer. Each method throws {@link DecodeError} with the path of the member. */
export class Reader {
  readonly members: JsonObject;
  private readonly path: string;

  private constructor(members: JsonObject, path: string) {
    this.members = members;
    this.path = path;
  }

  /** @param name What the answer is, for the error of an answer that is not an object. */
  static of(value: JsonValue | undefined, name = 'the answer'): Reader {
    return Reader.at(value, name, '');
  }

  private static at(value: JsonValue | undefined, name: string, path: string): Reader {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      throw new DecodeError(name, 'an object', value);
    }
    return new Reader(value, path);
  }

  /** Whether a member exists and is not null. */
  has(name: string): boolean {
    return this.members[name] !== undefined && this.members[name] !== null;
  }

  text(name: string): string {
    const value = this.members[name];
    if (typeof value !== 'string') {
      throw new DecodeError(this.at(name), 'a string', value);
    }
    return value;
  }

  /** A string, or `fallback` if the member is absent or null. */
  optionalText<T extends string | null = ''>(name: string, fallback: T = '' as T): string | T {
    return this.has(name) ? this.text(name) : fallback;
  }

  /** A string of a closed set, or `fallback` for any other. */
  oneOf<T extends string>(name: string, values: readonly T[], fallback: T): T {
    const value = this.members[name];
    return values.find((known) => known === value) ?? fallback;
  }

  /** A number to show; rounding beyond 2^53 does not matter. */
  count(name: string): number {
    const value = this.members[name];
    if (typeof value !== 'number' && typeof value !== 'bigint') {
      throw new DecodeError(this.at(name), 'a number', value);
    }
    return Number(value);
  }

  optionalCount<T extends number | null = null>(name: string, fallback: T = null as T): number | T {
    return this.has(name) ? this.count(name) : fallback;
  }

  /** A position, a sequence number or a time; every digit matters. */
  exact(name: string): bigint {
    const value = this.members[name];
    if (typeof value === 'bigint') {
      return value;
    }
    if (typeof value === 'number' && Number.isSafeInteger(value)) {
      return BigInt(value);
    }
    throw new DecodeError(this.at(name), 'an integer', value);
  }

  optionalExact(name: string): bigint | null {
    return this.has(name) ? this.exact(name) : null;
  }

  flag(name: string): boolean {
    const value = this.members[name];
    if (typeof value !== 'boolean') {
      throw new DecodeError(this.at(name), 'true or false', value);
    }
    return value;
  }

  optionalFlag(name: string, fallback = false): boolean {
    return this.has(name) ? this.flag(name) : fallback;
  }

  object(name: string): Reader {
    return Reader.at(this.members[name], this.at(name), this.at(name));
  }

  list<T>(name: string, decode: (item: Reader) => T): T[] {
    return readItems(this.members[name], this.at(name)).map((item, index) => {
      const path = `${this.at(name)}[${index}]`;
      return decode(Reader.at(item, path, path));
    });
  }

  /** A list, or an empty one if the member is absent or null: an older host does not send it. */
  optionalList<T>(name: string, decode: (item: Reader) => T): T[] {
    return this.has(name) ? this.list(name, decode) : [];
  }

  texts(name: string): string[] {
    return readItems(this.members[name], this.at(name)).map((item, index) => {
      if (typeof item !== 'string') {
        throw new DecodeError(`${this.at(name)}[${index}]`, 'a string', item);
      }
      return item;
    });
  }

  optionalTexts(name: string): string[] {
    return this.has(name) ? this.texts(name) : [];
  }

  private at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  /** Decodes an answer that is an array. */
  static listOf<T>(value: JsonValue, name: string, decode: (item: Reader) => T): T[] {
    return readItems(value, name).map((item, index) => {
      const path = `${name}[${index}]`;
      return decode(Reader.at(item, path, path));
    });
  }
}

function readItems(value: JsonValue | undefined, path: string): JsonValue[] {
  if (!Array.isArray(value)) {
    throw new DecodeError(path, 'an array', value);
  }
  return value;
}

function kindOf(value: JsonValue): string {
  if (value === null) {
    return 'null';
  }
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
