const longest = 22;

/** A long id with its middle left out: the beginning and the end tell ids apart. */
export function shortenMiddle(text: string, most = longest): string {
  if (text.length <= most) {
    return text;
  }
  const kept = most - 1;
  const front = Math.ceil(kept * 0.55);
  return `${text.slice(0, front)}…${text.slice(text.length - (kept - front))}`;
}
