import { createContext, use } from 'react';
import type { Session } from '../api/types';

const rolesInOrder = ['none', 'metrics', 'viewer', 'operator', 'developer', 'admin'];

/** The user of the page; null before the host has said who it is. */
export const SessionContext = createContext<Session | null>(null);

/** Whether the user has a role or one that includes it. The host checks each request again. */
export function useMay(role: 'operator' | 'developer' | 'admin'): boolean {
  const session = use(SessionContext);
  return session !== null && includesRole(session.role, role);
}

export function includesRole(held: string, wanted: string): boolean {
  return rolesInOrder.indexOf(held.toLowerCase()) >= rolesInOrder.indexOf(wanted);
}
