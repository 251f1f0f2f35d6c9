import { Page } from '../../app/Page';
import { AuditPanel } from '../../components/parts/AuditPanel';
import { useIsLive } from '../../live/LiveContext';

export default function AccessPage() {
  return (
    <Page title="Access">
      <AuditPanel live={useIsLive()} />
    </Page>
  );
}
