import { Page } from '../../app/Page';
import { useWhyNot } from '../../state/SessionContext';
import { ActTable } from './ActTable';
import { TokenTable } from './TokenTable';

/** Who may use the host, and what was changed. */
export default function AccessPage() {
  const whyNoTokens = useWhyNot('admin');
  return (
    <Page title="Access">
      {whyNoTokens === '' ? <TokenTable /> : <p className="page-top soft">The list of tokens is hidden. {whyNoTokens}</p>}
      <ActTable />
    </Page>
  );
}
