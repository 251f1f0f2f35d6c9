/** The longest line; a longer one is not an answer of the host. */
const longestLine = 8 * 1024 * 1024;

/** The complete lines of a stream, those of one network packet at a time. */
export async function* readLines(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string[]> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const lines = `${rest}${value ?? ''}`.split('\n');
      rest = done ? '' : (lines.pop() ?? '');
      if (rest.length > longestLine) {
        throw new Error('The host sent a line that is too long.');
      }
      const complete = lines.filter((line) => line !== '');
      if (complete.length > 0) {
        yield complete;
      }
      if (done) {
        return;
      }
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}
