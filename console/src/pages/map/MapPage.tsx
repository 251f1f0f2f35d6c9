import { useParams } from 'react-router';
import { Page } from '../../app/Page';
import { EmptyState } from '../../components/page/EmptyState';
import { StatePanel } from '../../components/states/StatePanel';
import { useIsLive, useOverview } from '../../live/LiveContext';

export default function MapPage() {
  const { name = '' } = useParams();
  const live = useIsLive();
  const map = useOverview().maps.find((one) => one.name === name);
  return (
    <Page title={name} layout="fill">
      {map === undefined ? (
        <EmptyState title={`There is no map ${name}.`}>
          Maps are configured under <code>Estream:Maps</code>.
        </EmptyState>
      ) : (
        <StatePanel map={map} live={live} />
      )}
    </Page>
  );
}
