/**
 * Compiles the part of the expression language that filters of dead letters use: `==` and `startsWith` of a field and a
 * text, `and`, `or` and parentheses. Returns null for any other expression.
 */
export function compileFilter(text: string): ((message: Record<string, unknown>) => boolean) | null {
  type Condition = (message: Record<string, unknown>) => boolean;
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|\w+|==|\S/g) ?? [];
  let at = 0;
  const take = (token: string): boolean => tokens[at] === token && at++ >= 0;
  const must = (token: string): void => {
    if (!take(token)) {
      throw new SyntaxError(`'${token}' is expected before '${tokens[at] ?? 'the end'}'.`);
    }
  };
  const literal = (): string => JSON.parse(tokens[at++] ?? '') as string;
  const comparison = (): Condition => {
    if (take('(')) {
      const inner = either();
      must(')');
      return inner;
    }
    const isStart = take('startsWith');
    if (isStart) {
      must('(');
    }
    const field = tokens[at++] ?? '';
    must(isStart ? ',' : '==');
    const value = literal();
    if (isStart) {
      must(')');
    }
    return (message) => (isStart ? String(message[field]).startsWith(value) : message[field] === value);
  };
  const both = (): Condition => {
    const parts = [comparison()];
    while (take('and')) {
      parts.push(comparison());
    }
    return (message) => parts.every((part) => part(message));
  };
  const either = (): Condition => {
    const parts = [both()];
    while (take('or')) {
      parts.push(both());
    }
    return (message) => parts.some((part) => part(message));
  };
  try {
    const whole = either();
    return at === tokens.length ? whole : null;
  } catch (cause) {
    if (cause instanceof SyntaxError) {
      return null;
    }
    throw cause;
  }
}
