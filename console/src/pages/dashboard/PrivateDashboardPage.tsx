import { useMemo } from 'react';
import { useParams } from 'react-router';
import { PageLoading } from '../../app/PageLoading';
import { DashboardView } from '../../widgets/dashboard/DashboardView';
import { privateSource } from '../../widgets/dashboard/source';
import { usePrivateDashboards } from '../../widgets/dashboard/useDashboards';

/** A dashboard of the user in this browser. */
export default function PrivateDashboardPage() {
  const { name = '' } = useParams();
  const store = usePrivateDashboards();
  const source = useMemo(() => (store === null ? null : privateSource(store, name)), [store, name]);
  // The host has not named the user yet.
  return source === null ? <PageLoading /> : <DashboardView source={source} />;
}
