import { Page } from '../../app/Page';
import { useMay } from '../../state/SessionContext';
import { ActTable } from './ActTable';
import { TokenTable } from './TokenTable';

/** Who may use the host, and what was changed. */
export default function AccessPage() {
  const mayListTokens = useMay('admin');
  return (
    <Page title="Access">
      {mayListTokens ? <TokenTable /> : <p className="page-top soft">The list of tokens needs the role admin.</p>}
      <ActTable />
    </Page>
  );
}
