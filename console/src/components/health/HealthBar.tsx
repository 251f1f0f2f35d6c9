import { Link } from 'react-router';
import { useHealth } from '../../live/useHealth';
import { StateMark } from '../states/StateMark';

/** The worst problem of the host in one line, on every page but the overview, which lists all of them. */
export function HealthBar() {
  const { troubles } = useHealth();
  const worst = troubles.find(({ severity }) => severity !== 'paused');
  if (worst === undefined) {
    return null;
  }
  return (
    <p className="health-bar" data-severity={worst.severity}>
      <StateMark state={worst.severity} />
      <span className="health-bar-text">
        {worst.kind} <Link to={worst.to}>{worst.name}</Link> is {worst.state}: {worst.reason}
      </span>
      {troubles.length > 1 && <Link to="/">All {troubles.length} problems</Link>}
    </p>
  );
}
