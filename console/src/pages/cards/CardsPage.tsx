import { Page } from '../../app/Page';
import { CardPanel } from '../../components/parts/CardPanel';
import { EmptyState } from '../../components/page/EmptyState';
import { useOverview } from '../../live/LiveContext';

export default function CardsPage() {
  const { cards } = useOverview();
  return <Page title="Cards">{cards.length === 0 ? <EmptyState title="No card is configured." /> : <CardPanel cards={cards} />}</Page>;
}
