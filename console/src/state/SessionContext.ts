import { createContext, use } from 'react';
import type { Session } from '../api/types';

export type Role = 'operator' | 'developer' | 'admin';

const rolesInOrder = ['none', 'metrics', 'viewer', 'operator', 'developer', 'admin'];

/** The user of the page; null before the host has said who it is. */
export const SessionContext = createContext<Session | null>(null);

/** Why the user may not do what needs a role; '' if the user may. The host checks each request again. */
export function useWhyNot(role: Role, acceptsScopes = false): string {
  return whyNot(use(SessionContext), role, acceptsScopes);
}

/** @param acceptsScopes Whether the host compares the scopes of a token with the part. It refuses all else to a token with scopes. */
export function whyNot(session: Session | null, role: Role, acceptsScopes: boolean): string {
  if (session === null) {
    return 'The host has not said yet who you are.';
  }
  if (rolesInOrder.indexOf(session.role.toLowerCase()) < rolesInOrder.indexOf(role)) {
    return `Needs the role ${role}. You have the role ${session.role}.`;
  }
  return acceptsScopes || session.scopes.length === 0 ? '' : `Needs a token without scopes. Yours has ${session.scopes.join(', ')}.`;
}
