import type { Alert } from '../../api/alerts';
import { StateMark } from '../../components/states/StateMark';
import { markOfAlert } from './alertText';

/** The state of a rule with the mark of its severity. */
export function AlertStateCell({ state, severity }: { state: string; severity: Alert['severity'] }) {
  return (
    <span className="cell-state">
      <StateMark state={markOfAlert(state, severity)} />
      {state}
    </span>
  );
}
