import type { Circuit } from '../../../api/types';

export const groupings = ['tenants', 'circuits'] as const;
export const resources = ['CPU', 'memory', 'storage', 'proofs'] as const;

/** The most rows that the widget draws. */
const mostRows = 100;

export type Resource = (typeof resources)[number];

/** What a tenant or a circuit used. */
export interface UsageRow {
  name: string;
  circuits: number;
  operations: number;
  used: Record<Resource, number>;
  /** The share of the ordered resource, 0 to 1. */
  share: number;
}

interface Request {
  grouping: (typeof groupings)[number];
  /** '' for all tenants. */
  tenant: string;
  order: Resource;
}

/** The usage per tenant or circuit, the largest user of a resource first. */
export function usageRows(circuits: readonly Circuit[], { grouping, tenant, order }: Request): UsageRow[] {
  const rows = new Map<string, UsageRow>();
  for (const { name, tenant: owner, usage } of circuits) {
    if (tenant !== '' && owner !== tenant) {
      continue;
    }
    const key = grouping === 'tenants' ? owner : name;
    const before = rows.get(key) ?? { name: key, circuits: 0, operations: 0, used: { CPU: 0, memory: 0, storage: 0, proofs: 0 }, share: 0 };
    rows.set(key, {
      ...before,
      circuits: before.circuits + 1,
      operations: before.operations + usage.operations,
      used: {
        CPU: before.used.CPU + usage.cpuNanos / 1e9,
        memory: before.used.memory + usage.memoryBytes,
        storage: before.used.storage + usage.storageBytes,
        proofs: before.used.proofs + usage.proofs,
      },
    });
  }
  const total = [...rows.values()].reduce((sum, { used }) => sum + used[order], 0);
  return [...rows.values()]
    .map((row) => ({ ...row, share: total === 0 ? 0 : row.used[order] / total }))
    .sort((a, b) => b.used[order] - a.used[order])
    .slice(0, mostRows);
}
