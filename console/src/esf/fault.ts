/**
 * Why a canonical text or a message is refused. The codes of a message follow the rules of "Validity" in
 * docs/formats/esf.md, one or more for each rule.
 */
export type EsfFaultCode =
  | 'bad-schema' // the text is no canonical text
  | 'too-short' // rule 1
  | 'too-long' // rule 1
  | 'other-schema' // rule 1: neither this schema nor a relative of it
  | 'unknown-format' // rule 1: format version, flags or a fixed length that the reader cannot read by
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
  | 'unsealed' // rule 8: a private value in clear in a sealed message
  | 'untokenized' // a sealed message holds something else than a token where cards are tokenized
  | 'bad-envelope'; // rule 8: the envelope, or a sealed value that is too short

/** A canonical text or a message that does not keep the rules of the format. Nothing else is ever thrown. */
export class EsfFault extends Error {
  readonly code: EsfFaultCode;
  /** Byte of the message, or character of the text, at which it was noticed, from 0. */
  readonly offset: number;

  constructor(code: EsfFaultCode, offset: number, what: string) {
    super(`${what} (${code} at ${offset})`);
    this.name = 'EsfFault';
    this.code = code;
    this.offset = offset;
  }
}
