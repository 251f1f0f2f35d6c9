import type { Alert } from '../../api/alerts';
import { markOf } from '../../components/states/StateMark';

type Mark = ReturnType<typeof markOf>;

const bySeverity = { info: 1, warning: 2, critical: 3 };
const byState = { firing: 100, pending: 10, unknown: 5, ok: 0 };

/** The order of attention: what fires before what may fire, and critical rules first. */
export function severityOf({ state, severity }: Alert): number {
  return byState[state] === 0 ? 0 : byState[state] + bySeverity[severity];
}

const marks: Record<Alert['severity'], Mark> = { critical: 'unhealthy', warning: 'degraded', info: 'paused' };

/** Returns the mark of the state of a rule. A firing rule has the mark of its severity, as in the list of problems. */
export function markOfAlert(state: string, severity: Alert['severity']): Mark {
  return state === 'firing' ? marks[severity] : markOf(state);
}
