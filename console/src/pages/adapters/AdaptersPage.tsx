import { Page } from '../../app/Page';
import { AdapterPanel } from '../../components/parts/AdapterPanel';
import { useOverview } from '../../live/LiveContext';

export default function AdaptersPage() {
  return (
    <Page title="Adapters">
      <AdapterPanel adapters={useOverview().adapters} />
    </Page>
  );
}
