import { Page } from '../../app/Page';
import { EmptyState } from '../../components/page/EmptyState';
import { useOverview } from '../../live/LiveContext';
import { CircuitTable } from './CircuitTable';
import { PipelineTable } from './PipelineTable';

/** Pipelines and circuits, those that do not work first. */
export default function CircuitsPage() {
  const { pipelines, circuits } = useOverview();
  // Each output of a circuit is a pipeline too. The circuit stands for them.
  const own = pipelines.filter(({ name }) => !circuits.some((circuit) => name.startsWith(`${circuit.name}.`)));
  return (
    <Page title="Circuits">
      {own.length + circuits.length === 0 && (
        <EmptyState title="No pipeline and no circuit is configured.">
          Name files of pipelines under <code>Estream:Pipelines</code>, and circuits of a tenant under <code>Estream:Tenants:NAME:Circuits</code>.
        </EmptyState>
      )}
      {circuits.length > 0 && <CircuitTable circuits={circuits} />}
      {own.length > 0 && <PipelineTable pipelines={own} />}
    </Page>
  );
}
