import { createInterface } from 'node:readline';
import { readCanonicalText } from '../src/esf/canonicalText.ts';
import { decodeMessage } from '../src/esf/decode.ts';
import { EsfFault } from '../src/esf/fault.ts';
import { writeEsfJson } from '../src/esf/json.ts';

// Compares the decoder with another one: for each line {"schema":canonical text,"message":hexadecimal digits} on standard input it writes a
// line {"json":text} or {"fault":code}. Any other exception ends the program.
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line) as { schema: string; message: string })));
}

function answer({ schema, message }: { schema: string; message: string }): { json: string } | { fault: string } {
  try {
    return { json: writeEsfJson(decodeMessage(readCanonicalText(schema), Buffer.from(message, 'hex'))) };
  } catch (e) {
    if (e instanceof EsfFault) {
      return { fault: e.code };
    }
    throw e;
  }
}
