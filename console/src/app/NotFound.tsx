import { Link, useLocation } from 'react-router';
import { EmptyState } from '../components/page/EmptyState';
import { addresses } from './addresses';
import { Page } from './Page';

export function NotFound() {
  const { pathname } = useLocation();
  return (
    <Page title="Page not found">
      <EmptyState title={`The console has no page at ${pathname}.`}>
        Check the address, or go to the <Link to={addresses.overview}>overview</Link>.
      </EmptyState>
    </Page>
  );
}
