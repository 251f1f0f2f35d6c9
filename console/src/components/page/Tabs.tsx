import { Link, useLocation } from 'react-router';

interface Props {
  label: string;
  /** The value of the parameter `view` for each tab; the first has none. */
  tabs: readonly { view: string; title: string; note?: string }[];
  current: string;
}

/** Views of one page. Each has an address of its own, so these are links. */
export function Tabs({ label, tabs, current }: Props) {
  const { pathname, search } = useLocation();
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map(({ view, title, note }, index) => {
        const parameters = new URLSearchParams(search);
        if (index === 0) {
          parameters.delete('view');
        } else {
          parameters.set('view', view);
        }
        return (
          <Link key={view} to={{ pathname, search: parameters.toString() }} aria-current={view === current ? 'page' : undefined} className="tab">
            {title}
            {note !== undefined && <span className="soft"> {note}</span>}
          </Link>
        );
      })}
    </nav>
  );
}
