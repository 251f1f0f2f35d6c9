import { useParams } from 'react-router';
import { Page } from '../../app/Page';
import { MessagePanel } from '../../components/messages/MessagePanel';
import { useIsLive, useOverview } from '../../live/LiveContext';

export default function QueuePage() {
  const { name = '' } = useParams();
  const { witnesses } = useOverview();
  return (
    <Page title={name} layout="fill">
      <MessagePanel queue={name} witnesses={witnesses} live={useIsLive()} />
    </Page>
  );
}
