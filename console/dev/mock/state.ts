/** What requests changed in the simulated host. Bounded: each set has at most one member for each part of the fleet. */
export class MockState {
  readonly startedAt: number;
  readonly pausedAdapters = new Set(['line-3']);
  readonly pausedQueues = new Set<string>();
  /** The observation level of `CIRCUIT.OUTPUT`. */
  readonly levels = new Map<string, string>();
  /** Values of map entries that clients have put, by `MAP/KEY`; null for a removed entry. */
  readonly entries = new Map<string, { text: string; version: number } | null>();
  /** The shared dashboards by name: the JSON and the number of the version. */
  readonly dashboards = new Map<string, { text: string; version: number }>();
  private readonly clock: () => number;

  constructor(clock: () => number = Date.now) {
    this.clock = clock;
    this.startedAt = clock() - 11_520_000;
  }

  now(): number {
    return this.clock();
  }

  put(map: string, key: string, text: string | null): number {
    const name = `${map}/${key}`;
    const version = (this.entries.get(name)?.version ?? 3) + 1;
    if (this.entries.size >= mostEntries && !this.entries.has(name)) {
      this.entries.delete(this.entries.keys().next().value!);
    }
    this.entries.set(name, text === null ? null : { text, version });
    return version;
  }
}

const mostEntries = 100;
