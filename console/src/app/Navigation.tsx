import { NavLink } from 'react-router';
import { Footer } from '../components/page/Footer';
import { StateMark } from '../components/states/StateMark';
import type { Trouble } from '../live/troubles';
import { useHealth } from '../live/useHealth';
import { routes, type Section } from './routes';

const sections: readonly Section[] = ['Data', 'Processing', 'Host'];

interface Props {
  className: string;
  /** Called when a link is followed. */
  onFollow?: () => void;
}

/** Links to the pages in sections; a page with troubles has a mark and their number. */
export function Navigation({ className, onFollow }: Props) {
  const { troubles } = useHealth();
  return (
    <nav className={className} aria-label="Pages">
      {sections.map((section) => (
        <div key={section} className="rail-section">
          <h2 id={`rail-${section}`}>{section}</h2>
          <ul aria-labelledby={`rail-${section}`}>
            {routes
              .filter((route) => route.section === section)
              .map(({ path, title }) => (
                <li key={path}>
                  <NavLink to={path} end={path === '/'} {...(onFollow && { onClick: onFollow })}>
                    {title}
                    {path !== '/' && <Troubles troubles={troubles.filter(({ to }) => to === path || to.startsWith(`${path}/`))} />}
                  </NavLink>
                </li>
              ))}
          </ul>
        </div>
      ))}
      <Footer />
    </nav>
  );
}

function Troubles({ troubles }: { troubles: readonly Trouble[] }) {
  const [worst] = troubles;
  if (worst === undefined) {
    return null;
  }
  return (
    <span className="rail-count">
      <StateMark state={worst.severity} />
      {troubles.length}
      <span className="visually-hidden"> with a problem</span>
    </span>
  );
}
