import type { JsonObject, JsonValue } from './json';

/** An answer of the host does not follow the documented API. The message names the member. */
export class AnswerError extends Error {
  constructor(path: string, found: JsonValue | undefined, wanted: string) {
    super(`The host's answer was not understood: ${path} is ${found === undefined ? 'missing' : `${nounOf(found)}, not ${wanted}`}.`);
    this.name = 'AnswerError';
  }
}

/** An object of an answer. Knows its path, so that errors name the member that cannot be read. */
export class Reader {
  readonly members: JsonObject;
  private readonly path: string;

  constructor(value: JsonValue | undefined, path: string) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      throw new AnswerError(path === '' ? 'the whole' : path, value, 'an object');
    }
    this.members = value;
    this.path = path;
  }

  text(name: string): string {
    const value = this.members[name];
    return typeof value === 'string' ? value : this.refuse(name, 'a text');
  }

  /** A text, or `otherwise` if the host omits it or sends null. */
  textOr<T>(name: string, otherwise: T): string | T {
    return this.has(name) ? this.text(name) : otherwise;
  }

  /** A number to show; rounding beyond 2^53 does not matter. */
  count(name: string): number {
    const value = this.members[name];
    return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : this.refuse(name, 'a number');
  }

  countOr<T>(name: string, otherwise: T): number | T {
    return this.has(name) ? this.count(name) : otherwise;
  }

  /** A position, a sequence or a time in nanoseconds; every digit matters. */
  exact(name: string): bigint {
    const value = this.members[name];
    if (typeof value === 'bigint') {
      return value;
    }
    return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : this.refuse(name, 'an integer');
  }

  exactOr<T>(name: string, otherwise: T): bigint | T {
    return this.has(name) ? this.exact(name) : otherwise;
  }

  flag(name: string): boolean {
    const value = this.members[name];
    return typeof value === 'boolean' ? value : this.refuse(name, 'true or false');
  }

  flagOr(name: string, otherwise: boolean): boolean {
    return this.has(name) ? this.flag(name) : otherwise;
  }

  /** A time as ISO 8601, in epoch milliseconds. */
  date(name: string): number {
    const ms = Date.parse(this.text(name));
    return Number.isNaN(ms) ? this.refuse(name, 'a time') : ms;
  }

  dateOr<T>(name: string, otherwise: T): number | T {
    return this.has(name) ? this.date(name) : otherwise;
  }

  object(name: string): Reader {
    return new Reader(this.members[name], this.pathOf(name));
  }

  objectOr<T>(name: string, otherwise: T): Reader | T {
    return this.has(name) ? this.object(name) : otherwise;
  }

  /** An array of objects, each read by `read`. */
  list<T>(name: string, read: (item: Reader) => T): T[] {
    return readList(this.members[name], read, this.pathOf(name));
  }

  /** As `list`; empty if the host omits the array or sends null. */
  listOr<T>(name: string, read: (item: Reader) => T): T[] {
    return this.has(name) ? this.list(name, read) : [];
  }

  values(name: string): JsonValue[] {
    const value = this.members[name];
    return Array.isArray(value) ? value : this.refuse(name, 'a list');
  }

  texts(name: string): string[] {
    return this.values(name).map((item, index) => (typeof item === 'string' ? item : this.refuse(`${name}[${index}]`, 'a text', item)));
  }

  textsOr(name: string): string[] {
    return this.has(name) ? this.texts(name) : [];
  }

  /** One of some words; any other word is `otherwise`, so that a newer host does not break the page. */
  word<T extends string>(name: string, words: readonly T[], otherwise: T): T {
    const value = this.text(name);
    return words.find((word) => word === value) ?? otherwise;
  }

  has(name: string): boolean {
    return this.members[name] !== undefined && this.members[name] !== null;
  }

  private refuse(name: string, wanted: string, found = this.members[name]): never {
    throw new AnswerError(this.pathOf(name), found, wanted);
  }

  private pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }
}

/** Reads an answer that is an object. */
export function readObject(json: JsonValue): Reader {
  return new Reader(json, '');
}

/** Reads an answer that is an array of objects. */
export function readList<T>(json: JsonValue | undefined, read: (item: Reader) => T, path = ''): T[] {
  if (!Array.isArray(json)) {
    throw new AnswerError(path === '' ? 'the whole' : path, json, 'a list');
  }
  return json.map((item, index) => read(new Reader(item, `${path}[${index}]`)));
}

function nounOf(value: JsonValue): string {
  if (value === null) {
    return 'null';
  }
  if (typeof value === 'object') {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
  return { string: 'a text', boolean: 'true or false' }[typeof value as string] ?? 'a number';
}
