import { Link } from 'react-router';
import type { Trouble } from '../../live/troubles';
import { StateMark } from '../states/StateMark';

interface Props {
  troubles: readonly Trouble[];
  onFollow?: () => void;
}

/** What does not work, the worst first: the part, the reason, and what to do. */
export function TroubleList({ troubles, onFollow }: Props) {
  return (
    <ul className="troubles">
      {troubles.map((trouble) => (
        <li key={`${trouble.kind} ${trouble.name}`} className="trouble" data-severity={trouble.severity} data-part={trouble.name}>
          <StateMark state={trouble.severity} />
          <div>
            <p>
              {trouble.kind}{' '}
              <Link to={trouble.to} {...(onFollow && { onClick: onFollow })}>
                {trouble.name}
              </Link>{' '}
              <span className="trouble-severity">{trouble.state}</span>
            </p>
            <p className="trouble-reason">{trouble.reason}</p>
            {trouble.remedy !== '' && <p className="trouble-remedy">{trouble.remedy}</p>}
          </div>
        </li>
      ))}
    </ul>
  );
}
