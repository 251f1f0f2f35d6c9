import { useMemo } from 'react';
import { Link } from 'react-router';
import { addresses } from '../../../app/addresses';
import { EmptyState } from '../../../components/page/EmptyState';
import { formatBytes, formatCount, formatSeconds } from '../../../format/number';
import type { BuiltinProps } from '../../types';
import { Bar } from '../shared/Bar';
import { choiceIn, textIn } from '../shared/config';
import { useHeldOverview } from '../shared/useHeld';
import { WidgetBody } from '../shared/WidgetBody';
import { WidgetTable, type WidgetColumn } from '../shared/WidgetTable';
import { groupings, resources, usageRows, type Resource, type UsageRow } from './usageRows';

const texts: Record<Resource, (value: number) => string> = { CPU: formatSeconds, memory: formatBytes, storage: formatBytes, proofs: formatCount };
const titles: Record<Resource, string> = { CPU: 'CPU', memory: 'Memory', storage: 'Storage', proofs: 'Proofs' };

/** What the circuits of each tenant used. */
export default function MeteringWidget({ config, time }: BuiltinProps) {
  const { circuits } = useHeldOverview(time.isPaused);
  const grouping = choiceIn(config, 'rows', groupings);
  const tenant = textIn(config, 'tenant');
  const order = choiceIn(config, 'order', resources);
  const rows = usageRows(circuits, { grouping, tenant, order });
  const columns = useMemo(() => columnsOf(grouping, order), [grouping, order]);
  return (
    <WidgetBody name="metering">
      {circuits.length === 0 ? (
        <EmptyState title="This host runs no circuit.">
          Usage is metered per circuit. Name circuits of a tenant under <code>Estream:Tenants:NAME:Circuits</code>.
        </EmptyState>
      ) : rows.length === 0 ? (
        <EmptyState title={`Tenant ${tenant} has no circuit on this host.`}>Change the tenant in the settings.</EmptyState>
      ) : (
        <WidgetTable
          label={`Usage of ${grouping}`}
          columns={columns}
          rows={rows}
          rowId={({ name }) => name}
          foot="CPU, proofs and operations are totals since each circuit was first deployed; memory and storage are the present use."
        />
      )}
    </WidgetBody>
  );
}

/** The ordered resource first, with bars. */
function columnsOf(grouping: (typeof groupings)[number], order: Resource): WidgetColumn<UsageRow>[] {
  const others = resources.filter((resource) => resource !== order);
  return [
    grouping === 'tenants'
      ? { id: 'name', title: 'Tenant', value: ({ name }) => name }
      : { id: 'name', title: 'Circuit', value: ({ name }) => name, cell: ({ name }) => <Link to={addresses.circuit(name)}>{name}</Link> },
    { id: 'ordered', title: titles[order], value: ({ used }) => used[order], cell: ({ used, share }) => <Bar share={share} text={texts[order](used[order])} /> },
    ...others.map((resource): WidgetColumn<UsageRow> => ({ id: resource, title: titles[resource], kind: 'number', value: ({ used }) => used[resource], cell: ({ used }) => texts[resource](used[resource]) })),
    { id: 'operations', title: 'Operations', kind: 'count', minor: true, value: ({ operations }) => operations },
    ...(grouping === 'tenants' ? [{ id: 'circuits', title: 'Circuits', kind: 'count' as const, minor: true, value: ({ circuits }: UsageRow) => circuits }] : []),
  ];
}
