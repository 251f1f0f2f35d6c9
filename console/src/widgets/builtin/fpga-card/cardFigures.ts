import type { Card } from '../../../api/types';
import { formatCount } from '../../../format/number';
import type { Figure } from '../shared/Figures';

/** The card of an address; the first card for ''. */
export function chosenCard(cards: readonly Card[], name: string): Card | undefined {
  return name === '' ? cards[0] : cards.find((card) => card.name === name);
}

/** The counters of a card since it was opened, those that show trouble with a warning. */
export function cardFigures({ answered, unanswered, failures, appends, mapChanges, mapEntries, leafHashes, hotHits, hotMisses }: Card): Figure[] {
  const looked = hotHits + hotMisses;
  const served = answered + unanswered;
  return [
    { label: 'Answered by the card', value: formatCount(answered) },
    { label: 'Answered by the host', value: formatCount(unanswered), warn: unanswered > served / 10 },
    { label: 'Failures', value: formatCount(failures), warn: failures > 0 },
    { label: 'Appends', value: formatCount(appends) },
    { label: 'Map changes', value: formatCount(mapChanges) },
    { label: 'Map entries', value: formatCount(mapEntries) },
    { label: 'Leaf hashes', value: formatCount(leafHashes) },
    { label: 'Hot keys found', value: looked === 0 ? '–' : `${((hotHits / looked) * 100).toFixed(1)} %` },
  ];
}
