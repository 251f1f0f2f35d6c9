/** A widget asked for a stream or table that its signed manifest does not declare. Declare it in the manifest, and publish again. */
export class WidgetSecurityError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "WidgetSecurityError";
  }
}

const scheme = "lex://";

/**
 * Whether a pattern is declared: it equals a declared pattern, or has a fixed segment where the declared pattern has a variable one.
 * `lex://acme/doors/front/moves` and `lex://acme/doors/{any}/moves` are covered by `lex://acme/doors/{door}/moves`.
 */
export function isDeclared(streams: readonly string[], pattern: string): boolean {
  return streams.some((declared) => covers(declared, pattern));
}

function covers(declared: string, pattern: string): boolean {
  if (!declared.startsWith(scheme) || !pattern.startsWith(scheme)) {
    return false;
  }

  const wanted = pattern.slice(scheme.length).split("/");
  const allowed = declared.slice(scheme.length).split("/");
  return (
    wanted.length === allowed.length &&
    allowed.every((segment, index) => segment === wanted[index] || (isVariable(segment) && wanted[index] !== ""))
  );
}

function isVariable(segment: string): boolean {
  return segment.length > 2 && segment.startsWith("{") && segment.endsWith("}");
}
