import type { Attestation } from '../../../api/types';

export const rowBounds = [5, 20, 100] as const;

/** Whether an attestation continues the previous attestation: the next number, not fewer messages, not an earlier time. */
export type Order = 'in order' | 'out of order' | 'oldest shown';

export interface AttestationRow extends Attestation {
  order: Order;
}

/** The attestations, newest first, each compared with the previous attestation. */
export function attestationRows(oldestFirst: readonly Attestation[]): AttestationRow[] {
  return oldestFirst.map((one, index): AttestationRow => ({ ...one, order: orderOf(oldestFirst[index - 1], one) })).toReversed();
}

function orderOf(before: Attestation | undefined, { number, messages, signedAt }: Attestation): Order {
  if (before === undefined) {
    return 'oldest shown';
  }
  return number === before.number + 1 && messages >= before.messages && signedAt >= before.signedAt ? 'in order' : 'out of order';
}

/** The number of messages that an attestation covers and the previous attestation does not. */
export function addedMessages(rows: readonly AttestationRow[], index: number): number | null {
  const [row, before] = [rows[index], rows[index + 1]];
  return row === undefined || before === undefined ? null : row.messages - before.messages;
}
