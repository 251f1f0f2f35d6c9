/**
 * The circuit that a name means: the host names the output of a circuit `CIRCUIT.OUTPUT`, and the name of a circuit may
 * contain dots.
 */
export function circuitOf(name: string, circuits: readonly { name: string }[]): string {
  const found = circuits.map((circuit) => circuit.name).filter((circuit) => name === circuit || name.startsWith(`${circuit}.`));
  const dot = name.lastIndexOf('.');
  return found.sort((a, b) => b.length - a.length)[0] ?? (dot > 0 ? name.slice(0, dot) : name);
}
