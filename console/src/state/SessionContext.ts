import { createContext, use } from 'react';
import type { Session } from '../api/types';

export type Role = 'operator' | 'developer' | 'admin';

const rolesInOrder = ['none', 'metrics', 'viewer', 'operator', 'developer', 'admin'];

/** The user of the page; null before the host has said who it is. */
export const SessionContext = createContext<Session | null>(null);

/** Returns why the user may not make a change that needs a role; '' if the user may. The host checks each request again. */
export function useWhyNot(role: Role, acceptsScopes = false): string {
  return whyNot(use(SessionContext), role, acceptsScopes);
}

/** @param acceptsScopes Whether the host compares the scopes of a token with the part. The host refuses all other changes to a token with scopes. */
export function whyNot(session: Session | null, role: Role, acceptsScopes: boolean): string {
  if (session === null) {
    return 'The host has not confirmed your role yet.';
  }
  if (rolesInOrder.indexOf(session.role.toLowerCase()) < rolesInOrder.indexOf(role)) {
    return `You need the role ${role}. You have the role ${session.role}.`;
  }
  return acceptsScopes || session.scopes.length === 0 ? '' : `You need a token without scopes. Your token has the scopes ${session.scopes.join(', ')}.`;
}
