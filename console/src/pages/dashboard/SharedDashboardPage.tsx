import { useMemo } from 'react';
import { useParams } from 'react-router';
import { DashboardView } from '../../widgets/dashboard/DashboardView';
import { sharedSource } from '../../widgets/dashboard/source';

/** A dashboard of the host, for all its users. */
export default function SharedDashboardPage() {
  const { name = '' } = useParams();
  return <DashboardView source={useMemo(() => sharedSource(name), [name])} />;
}
