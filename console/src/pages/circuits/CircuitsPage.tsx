import { Page } from '../../app/Page';
import { EmptyState } from '../../components/page/EmptyState';
import { CircuitPanel } from '../../components/parts/CircuitPanel';
import { PipelinePanel } from '../../components/parts/PipelinePanel';
import { useOverview } from '../../live/LiveContext';

export default function CircuitsPage() {
  const { pipelines, circuits } = useOverview();
  return (
    <Page title="Pipelines and circuits">
      {pipelines.length + circuits.length === 0 && (
        <EmptyState title="No pipeline and no circuit is configured.">
          Add one under <code>Estream:Pipelines</code> or <code>Estream:Circuits</code>.
        </EmptyState>
      )}
      {pipelines.length > 0 && <PipelinePanel pipelines={pipelines} />}
      {circuits.length > 0 && <CircuitPanel circuits={circuits} />}
    </Page>
  );
}
