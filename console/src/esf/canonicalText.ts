import { EsfFault } from './fault';
import { layOut, messageStart, objectStart } from './layout';
import { sha256 } from './sha256';
import * as is from './types';
import type { EsfField, EsfRecord, EsfSchema, EsfType, FixedWord } from './types';

const typeName = /^[A-Za-z][A-Za-z0-9_]*$/;
const fieldName = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

/**
 * Reads a schema from its canonical text, the single line whose hash is the schema id.
 * Throws {@link EsfFault} if the text is not canonical.
 */
export function readCanonicalText(text: string): EsfSchema {
  const reader = new CanonicalTextReader(text);
  const { name, record } = reader.readSchema();
  const id = new DataView(sha256(new TextEncoder().encode(text)).buffer).getBigUint64(0, true);
  const nameId = new DataView(sha256(new TextEncoder().encode(name)).buffer).getUint32(0, true);
  return { name, id, nameId, record, hasPrivateFields: is.readerGroups(record).size > 0 };
}

class CanonicalTextReader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  readSchema(): { name: string; record: EsfRecord } {
    this.expect('esf1 ');
    const name = this.word();
    const parts = name.split('.');
    const last = parts.pop()!;
    const namespace = parts.join('.');
    if (!isName(last, typeName) || namespace.length > is.maxNameLength || parts.length === 0 || !parts.every((part) => isName(part, fieldName))) {
      this.fail('a qualified name');
    }
    const record = this.readRecord(messageStart, 0);
    if (this.at !== this.text.length) {
      this.fail('the end');
    }
    const groups = is.readerGroups(record);
    if (groups.size > is.maxAudiences || new Set([...groups].flatMap((group) => group.split(' '))).size > is.maxAudiences) {
      this.fail('private fields for fewer audiences');
    }
    const subLexes = is.subLexes(record);
    if (subLexes === null || subLexes.size > is.maxSubLexes) {
      this.fail('fewer sub-lexes, and none inside a private field');
    }
    return { name, record };
  }

  private readRecord(start: number, depth: number): EsfRecord {
    const fields: Omit<EsfField, 'offset' | 'begin' | 'presence'>[] = [];
    const names = new Set<string>();
    this.expect('{');
    do {
      const name = this.word();
      if (!isName(name, fieldName) || names.has(name) || fields.length === is.maxFields) {
        this.fail('a valid, unused field name');
      }
      names.add(name);
      const optional = this.take('?');
      this.expect(':');
      const type = this.readType(depth);
      const privacy = this.take('@') ? this.readPrivacy() : '';
      if (privacy === 'tokenized' && type.kind !== 'string') {
        this.fail("type 'string' for a tokenized field");
      }
      fields.push({ name, type, optional, privacy });
    } while (this.take(','));
    this.expect('}');
    return layOut(fields, start);
  }

  private readType(depth: number): EsfType {
    const word = this.word();
    if (depth > is.maxDepth) {
      this.fail('a type with fewer nesting levels');
    }
    switch (word) {
      case 'string':
        return { kind: 'string', maxBytes: this.take('(') ? this.readLength() : is.maxMessageBytes };
      case 'bytes':
        return { kind: 'bytes', maxBytes: is.maxMessageBytes };
      case 'pq_signature':
        return { kind: 'pq_signature', maxBytes: is.maxSignatureBytes };
      case 'enum':
        return this.readEnum();
      case 'object':
        return { kind: 'object', record: this.readRecord(objectStart, depth + 1) };
      case 'array':
        return { kind: 'array', item: this.readBracketed(() => this.readType(depth + 1)) };
      case 'map':
        return this.readBracketed(() => this.readMap(depth + 1));
      default:
        return Object.hasOwn(is.fixedSizes, word) ? { kind: word as FixedWord } : this.fail('a type');
    }
  }

  private readBracketed<T>(read: () => T): T {
    this.expect('(');
    const inner = read();
    this.expect(')');
    return inner;
  }

  private readMap(depth: number): EsfType {
    const key = this.readType(depth);
    if (!is.hasTextForm(key)) {
      this.fail('a key type that has a text form');
    }
    this.expect(',');
    return { kind: 'map', key, value: this.readType(depth) };
  }

  private readLength(): number {
    const digits = this.word();
    const length = /^[1-9][0-9]{0,8}$/.test(digits) ? Number(digits) : 0;
    if (length < 1 || length > is.maxMessageBytes) {
      this.fail('a length');
    }
    this.expect(')');
    return length;
  }

  private readEnum(): EsfType {
    this.expect(' ');
    const name = this.word();
    const values = new Set<string>();
    this.expect('{');
    do {
      const value = this.word();
      if (!isName(name, typeName) || !isName(value, typeName) || values.has(value) || values.size === is.maxEnumValues) {
        this.fail('an enum of distinct names');
      }
      values.add(value);
    } while (this.take(','));
    this.expect('}');
    return { kind: 'enum', name, values: [...values] };
  }

  private readPrivacy(): string {
    const start = this.at;
    const level = this.readLevel();
    if (level === 'tokenized') {
      return level;
    }
    if (this.take('[')) {
      this.readAudiences();
    } else if (level === 'public') {
      this.fail('no privacy for a public field');
    }
    if (this.take('/') && (level === 'public' || !isName(this.word(), fieldName))) {
      this.fail('a sub-lex of a private field');
    }
    return this.text.slice(start, this.at);
  }

  private readAudiences(): void {
    let before = '';
    do {
      const audience = this.word();
      if (!isName(audience, fieldName) || audience <= before) {
        this.fail('audiences in order, each once');
      }
      before = audience;
      this.expect('=');
      if (this.readLevel() === 'tokenized') {
        this.fail("a level other than 'tokenized' for an audience");
      }
    } while (this.take(','));
    this.expect(']');
  }

  private readLevel(): string {
    const level = this.word();
    return level === 'public' || level === 'encrypted' || level === 'tokenized' ? level : this.fail('a privacy level');
  }

  /** The longest run of letters, digits, underscores and dots from the current position. */
  private word(): string {
    const start = this.at;
    while (this.at < this.text.length && /[A-Za-z0-9_.]/.test(this.text[this.at]!)) {
      this.at++;
    }
    return this.text.slice(start, this.at);
  }

  private take(literal: string): boolean {
    const taken = this.text.startsWith(literal, this.at);
    this.at += taken ? literal.length : 0;
    return taken;
  }

  private expect(literal: string): void {
    if (!this.take(literal)) {
      this.fail(`'${literal}'`);
    }
  }

  private fail(wanted: string): never {
    throw new EsfFault('bad-schema', this.at, `Invalid canonical text: expected ${wanted}`);
  }
}

function isName(name: string, form: RegExp): boolean {
  return name.length <= is.maxNameLength && form.test(name);
}
