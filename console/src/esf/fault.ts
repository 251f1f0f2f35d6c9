/**
 * Why a canonical text or a message is rejected. The codes for messages follow the rules of "Validity" in
 * docs/formats/esf.md, with one or more codes for each rule.
 */
export type EsfFaultCode =
  | 'bad-schema' // the text is not a canonical text
  | 'too-short' // rule 1
  | 'too-long' // rule 1
  | 'other-schema' // rule 1: neither this schema nor another version of it
  | 'unknown-format' // rule 1: unknown format version or flags, or a fixed length that cannot be read
  | 'missing-field' // rule 2
  | 'bad-reference' // rule 3
  | 'bad-record' // rule 4
  | 'bad-sequence' // rule 5
  | 'repeated-key' // rule 5
  | 'bad-bool' // rule 6
  | 'bad-enum' // rule 6
  | 'bad-text' // rule 6
  | 'value-too-long' // rule 6
  | 'wrong-length' // rule 7: a private value of fixed size
  | 'unsealed' // rule 8: an unencrypted private value in a sealed message
  | 'untokenized' // a tokenized field of a sealed message does not hold a token
  | 'bad-envelope'; // rule 8: the envelope, or a sealed value that is too short

/** A canonical text or a message violates the rules of the format. Nothing else is thrown. */
export class EsfFault extends Error {
  readonly code: EsfFaultCode;
  /** The byte of the message or the character of the text where the fault was found, from 0. */
  readonly offset: number;

  constructor(code: EsfFaultCode, offset: number, what: string) {
    super(`${what} (${code} at ${offset})`);
    this.name = 'EsfFault';
    this.code = code;
    this.offset = offset;
  }
}
