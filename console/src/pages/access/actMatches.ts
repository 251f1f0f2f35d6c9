import type { AuditAct } from '../../api/access';

/** Whether every word of the search is in the text of an action. */
export function actMatches({ actor, role, origin, action, target, outcome, detail }: AuditAct, search: string): boolean {
  const text = [actor, role, origin, action, target, outcome, detail].join(' ').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
