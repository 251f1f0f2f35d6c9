import { Page } from '../../app/Page';
import { EmptyState } from '../../components/page/EmptyState';
import { WitnessPanel } from '../../components/witness/WitnessPanel';
import { useOverview } from '../../live/LiveContext';

export default function WitnessesPage() {
  const { witnesses } = useOverview();
  return (
    <Page title="Witnesses">
      {witnesses.length === 0 ? (
        <EmptyState title="No queue has a witness.">
          Add one under <code>Estream:Witnesses</code>.
        </EmptyState>
      ) : (
        <WitnessPanel witnesses={witnesses} />
      )}
    </Page>
  );
}
