import type { Session } from '../api/types';
import { whyNot, type Role } from '../state/SessionContext';

/** Returns why a user may not see a widget; '' if the user may. The user needs one of the roles. The host checks each request for data. */
export function whyNotShown(session: Session | null, requiredRoles: readonly string[]): string {
  // No user has the roles registrar and governance yet. An admin has the rights of both roles.
  const reasons = requiredRoles.filter((role) => role !== 'viewer').map((role) => whyNot(session, isKnown(role) ? role : 'admin', true));
  return requiredRoles.includes('viewer') || reasons.includes('') ? '' : (reasons[0] ?? '');
}

function isKnown(role: string): role is Role {
  return role === 'operator' || role === 'developer' || role === 'admin';
}
