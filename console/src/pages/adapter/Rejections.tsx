import { useMemo } from 'react';
import { Link } from 'react-router';
import type { AdapterDetail, Rejection } from '../../api/adapters';
import { addresses } from '../../app/addresses';
import { EmptyState } from '../../components/page/EmptyState';
import { Panel } from '../../components/page/Panel';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { formatCount } from '../../format/number';
import { FindRejected } from './FindRejected';

/** Why the adapter refused messages since the start of the host, the most frequent reason first. */
export function Rejections({ adapter: { name, rejections, deadLetters, rejectedTotal }, topics }: { adapter: AdapterDetail; topics: readonly string[] }) {
  const columns = useMemo(() => columnsOf(deadLetters), [deadLetters]);
  return (
    <Panel id="rejections" title="Rejections" note={rejectedTotal === 0 ? undefined : `${formatCount(rejectedTotal)} messages since the start`}>
      <DataTable
        name="rejections"
        label="Rejections"
        columns={columns}
        rows={rejections}
        rowId={({ reason }) => reason}
        initialSort={{ id: 'count', descending: true }}
        tools={deadLetters !== '' && rejections.length > 0 && <FindRejected adapter={name} deadLetters={deadLetters} topics={topics} />}
        empty={<EmptyState title="No message was rejected since the start of the host." />}
      />
    </Panel>
  );
}

function columnsOf(deadLetters: string): readonly Column<Rejection>[] {
  return [
    { id: 'reason', title: 'Reason', value: ({ reason }) => reason, cell: (one) => <Reason rejection={one} />, show: 'always', width: 'minmax(16rem, 4fr)' },
    { id: 'count', title: 'Messages', kind: 'count', value: ({ count }) => count },
    { id: 'last', title: 'Last', kind: 'time', value: ({ lastAt }) => lastAt },
    {
      id: 'letter',
      title: 'Dead letter',
      value: ({ lastSequence }) => lastSequence,
      cell: ({ lastSequence }) => (lastSequence === null || deadLetters === '' ? '–' : <Link to={addresses.message(deadLetters, lastSequence)}>Show the last</Link>),
      width: '8rem',
      sortable: false,
    },
  ];
}

/** The reason, and the text of the last one unless it only continues the reason. */
function Reason({ rejection: { reason, detail } }: { rejection: Rejection }) {
  if (detail.startsWith(reason)) {
    return detail;
  }
  return (
    <>
      {reason}
      {detail !== '' && <span className="cell-remedy">{detail}</span>}
    </>
  );
}
