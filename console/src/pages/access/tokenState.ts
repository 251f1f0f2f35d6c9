import type { AccessToken } from '../../api/access';

/** A token that expires within this time is marked. */
const soonMs = 7 * 86_400_000;

export function tokenState({ revoked, expiresAt }: AccessToken, now: number): 'revoked' | 'expired' | 'expires soon' | 'active' {
  if (revoked) {
    return 'revoked';
  }
  if (expiresAt !== null && expiresAt <= now) {
    return 'expired';
  }
  return expiresAt !== null && expiresAt - now < soonMs ? 'expires soon' : 'active';
}
