import type { Card } from '../../api/types';
import { formatCount } from '../../format/number';
import type { PartFigure } from './PartItem';
import { RunningParts } from './RunningParts';

/** The FPGA cards of the host; hidden if there are none. */
export function CardPanel({ cards }: { cards: readonly Card[] }) {
  return <RunningParts id="cards" title="Cards" parts={cards} kindOf={kindOf} figuresOf={figuresOf} />;
}

/** The engines of a card; a simulated card is always marked as such. */
function kindOf({ simulated, engines }: Card): string {
  const what = engines === '' ? 'not available' : engines;
  return simulated ? `SIMULATED, no hardware · ${what}` : what;
}

function figuresOf(card: Card): PartFigure[] {
  const lookups = card.hotHits + card.hotMisses;
  return [
    { label: 'Answered', value: formatCount(card.answered) },
    { label: 'Without card', value: formatCount(card.unanswered), warn: card.unanswered > 0 },
    { label: 'Failures', value: formatCount(card.failures), warn: card.failures > 0 },
    { label: 'Appends', value: formatCount(card.appends) },
    { label: 'Map changes', value: formatCount(card.mapChanges) },
    { label: 'Map entries', value: formatCount(card.mapEntries) },
    { label: 'Leaves', value: formatCount(card.leafHashes) },
    { label: 'Hot keys', value: `${formatCount(card.hotHits)} of ${formatCount(lookups)}` },
  ];
}
