/** The shortest run of hex digits that counts as bytes; a shorter one may be a name. */
const shortestHex = 16;
const hexBytes = /^(?:[0-9a-f]{2})+$/;

const bytesPerLine = 16;
/** The most bytes that a dump shows; the rest is only counted. */
const longestDump = 1024;

interface HexLine {
  offset: string;
  hex: string;
  text: string;
}

interface HexDump {
  lines: HexLine[];
  byteLength: number;
  omitted: number;
}

/** Whether a string is probably bytes, which ESF writes as lower-case hex. Digits alone are a number, such as a card token. */
export function looksLikeBytes(value: string): boolean {
  return value.length >= shortestHex && hexBytes.test(value) && /[a-f]/.test(value);
}

/** The classic three columns: offset, sixteen bytes, printable ASCII. */
export function dump(hex: string): HexDump {
  const byteLength = hex.length / 2;
  const shown = Math.min(byteLength, longestDump);
  const lines: HexLine[] = [];
  for (let offset = 0; offset < shown; offset += bytesPerLine) {
    const bytes = Array.from({ length: Math.min(bytesPerLine, shown - offset) }, (_, index) =>
      hex.slice((offset + index) * 2, (offset + index) * 2 + 2),
    );
    lines.push({
      offset: offset.toString(16).padStart(4, '0'),
      hex: bytes.join(' '),
      text: bytes.map(printable).join(''),
    });
  }
  return { lines, byteLength, omitted: byteLength - shown };
}

function printable(byte: string): string {
  const code = Number.parseInt(byte, 16);
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '·';
}
