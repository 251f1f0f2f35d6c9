import { Link } from 'react-router';
import type { DashboardSummary } from '../../widgets/api/dashboards';
import { addresses } from '../../app/addresses';
import { Popover } from '../../components/page/Popover';
import type { DashboardKind } from '../../widgets/dashboard/source';

type Act = 'rename' | 'copy' | 'export' | 'delete';

interface Props {
  kind: DashboardKind;
  summary: DashboardSummary;
  /** Why the user may not change the dashboard; '' if the user may. */
  whyNotChange: string;
  onAct: (act: Act) => void;
}

const acts: readonly { act: Act; label: string; isChange: boolean }[] = [
  { act: 'rename', label: 'Rename', isChange: true },
  { act: 'copy', label: 'Copy', isChange: false },
  { act: 'export', label: 'Export', isChange: false },
  { act: 'delete', label: 'Delete', isChange: true },
];

/** A dashboard in the list, with its actions. */
export function DashboardRow({ kind, summary: { name, title, error }, whyNotChange, onAct }: Props) {
  return (
    <li className="dashboard-row">
      <Link to={kind === 'shared' ? addresses.dashboard(name) : addresses.privateDashboard(name)}>{title || name}</Link>
      <span className={error === '' ? 'soft' : 'failure'}>{error === '' ? name : error}</span>
      <Popover label="More" className="button button-small" name={`More for ${title || name}`}>
        {(close) => (
          <div className="menu">
            {acts.map(({ act, label, isChange }) => (
              <button
                key={act}
                type="button"
                className="menu-item"
                disabled={isChange && whyNotChange !== ''}
                title={(isChange && whyNotChange) || undefined}
                onClick={() => {
                  close();
                  onAct(act);
                }}
              >
                {label}
              </button>
            ))}
          </div>
        )}
      </Popover>
    </li>
  );
}
