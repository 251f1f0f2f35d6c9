import { useMemo } from 'react';
import type { Card } from '../../api/types';
import { Page } from '../../app/Page';
import { EmptyState } from '../../components/page/EmptyState';
import { FigureList } from '../../components/parts/FigureList';
import { inTroubleFirst } from '../../components/parts/inTroubleFirst';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { formatCount } from '../../format/number';
import { useOverview } from '../../live/LiveContext';

const columns: readonly Column<Card>[] = [
  { id: 'name', title: 'Card', value: ({ name }) => name, show: 'always', width: 'minmax(9rem, 14rem)' },
  { id: 'state', title: 'State', kind: 'state', value: ({ state }) => state },
  { id: 'engines', title: 'Engines', value: enginesOf, width: 'minmax(14rem, 2fr)' },
  { id: 'detail', title: 'Reason', value: ({ detail }) => detail, width: 'minmax(12rem, 2fr)', sortable: false },
  { id: 'answered', title: 'Answered', kind: 'count', value: ({ answered }) => answered },
  { id: 'unanswered', title: 'Without card', kind: 'count', value: ({ unanswered }) => unanswered },
  { id: 'failures', title: 'Failures', kind: 'count', value: ({ failures }) => failures },
];

/** The FPGA cards; one without hardware is always marked as simulated. */
export default function CardsPage() {
  const { cards } = useOverview();
  const rows = useMemo(() => inTroubleFirst(cards), [cards]);
  const running = cards.filter(({ state }) => state === 'running').length;
  return (
    <Page title="Cards" note={cards.length > 0 ? `${running} of ${cards.length} running` : undefined} layout="fill">
      <DataTable
        name="cards"
        label="Cards"
        columns={columns}
        rows={rows}
        rowId={({ name }) => name}
        stateOf={({ state }) => state}
        detailOf={(card) => (
          <div className="detail-text">
            <FigureList figures={figuresOf(card)} />
          </div>
        )}
        empty={
          <EmptyState title="No card is configured.">
            Set the address of a card in <code>Estream:Cards</code>; <code>sim:</code> simulates a card without hardware.
          </EmptyState>
        }
        fill
      />
    </Page>
  );
}

/** The counters of the engines since the card was opened. */
function figuresOf({ appends, mapChanges, mapEntries, leafHashes, hotHits, hotMisses }: Card) {
  return [
    { label: 'Appends', value: formatCount(appends) },
    { label: 'Map changes', value: formatCount(mapChanges) },
    { label: 'Map entries', value: formatCount(mapEntries) },
    { label: 'Leaves', value: formatCount(leafHashes) },
    { label: 'Hot keys', value: `${formatCount(hotHits)} of ${formatCount(hotHits + hotMisses)}` },
  ];
}

function enginesOf({ simulated, engines }: Card): string {
  const what = engines === '' ? 'not available' : engines;
  return simulated ? `SIMULATED, no hardware · ${what}` : what;
}
