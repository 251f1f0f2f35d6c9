import { Link, useLocation } from 'react-router';
import { crumbsOf } from './crumbs';

/** Links to the pages above this one; nothing on the top pages. */
export function Breadcrumbs() {
  const crumbs = crumbsOf(useLocation().pathname);
  if (crumbs.length === 0) {
    return null;
  }
  return (
    <nav aria-label="Breadcrumbs" className="crumbs">
      <ol>
        {crumbs.map(({ to, label }) => (
          <li key={to}>
            <Link to={to}>{label}</Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}
