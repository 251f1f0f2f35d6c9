import { useMemo } from 'react';
import { Link } from 'react-router';
import type { Message } from '../../../api/types';
import { addresses } from '../../../app/addresses';
import { EmptyState } from '../../../components/page/EmptyState';
import { ClockTime } from '../shared/ClockTime';
import { WidgetTable, type WidgetColumn } from '../shared/WidgetTable';
import { formatAmount, priceFormatOf, summariesOf, tradesOf, type Mapping, type PriceFormat, type SymbolSummary, type Trade } from './blotter';

/** The maximum number of rows that are drawn; the totals count all trades. */
const mostRows = 100;

const symbolColumns = ({ price: formatPrice, mean }: PriceFormat): readonly WidgetColumn<SymbolSummary>[] => [
  { id: 'symbol', title: 'Symbol', value: ({ symbol }) => symbol },
  { id: 'last', title: 'Last', kind: 'number', value: ({ last }) => last, cell: ({ last }) => formatPrice(last) },
  { id: 'vwap', title: 'VWAP', kind: 'number', value: ({ vwap }) => vwap, cell: ({ vwap }) => mean(vwap) },
  { id: 'volume', title: 'Volume', kind: 'number', value: ({ volume }) => volume, cell: ({ volume }) => formatAmount(volume) },
  { id: 'bought', title: 'Bought', kind: 'number', minor: true, value: ({ bought }) => bought, cell: ({ bought }) => formatAmount(bought) },
  { id: 'sold', title: 'Sold', kind: 'number', minor: true, value: ({ sold }) => sold, cell: ({ sold }) => formatAmount(sold) },
  { id: 'range', title: 'Low to high', kind: 'number', minor: true, value: ({ low }) => low, cell: ({ low, high }) => `${formatPrice(low)} – ${formatPrice(high)}` },
  { id: 'trades', title: 'Trades', kind: 'count', value: ({ trades }) => trades },
];

const tradeColumns = ({ price: formatPrice }: PriceFormat): readonly WidgetColumn<Trade>[] => [
  {
    id: 'time',
    title: 'Time',
    value: ({ time }) => time,
    cell: ({ queue, sequence, time }) => (
      <Link to={addresses.message(queue, sequence)}>
        <ClockTime nanos={time} />
      </Link>
    ),
  },
  { id: 'symbol', title: 'Symbol', value: ({ symbol }) => symbol },
  { id: 'side', title: 'Side', value: ({ side }) => side, cell: ({ side }) => <Side side={side} /> },
  { id: 'quantity', title: 'Quantity', kind: 'number', value: ({ quantity }) => quantity, cell: ({ quantity }) => formatAmount(quantity) },
  { id: 'price', title: 'Price', kind: 'number', value: ({ price }) => price, cell: ({ price }) => formatPrice(price) },
];

interface Props {
  queue: string;
  messages: readonly Message[];
  mapping: Mapping;
}

/** Volume and VWAP per symbol, and the last trades. */
export function Blotter({ queue, messages, mapping }: Props) {
  const trades = useMemo(() => tradesOf(messages, mapping), [messages, mapping]);
  const symbols = useMemo(() => summariesOf(trades), [trades]);
  const format = useMemo(() => priceFormatOf(trades), [trades]);
  if (trades.length === 0) {
    return messages.length === 0 ? (
      <EmptyState title={`Queue ${queue} has no message.`}>Choose the queue of executions in the settings.</EmptyState>
    ) : (
      <EmptyState title="The messages are not executions.">None of them has a symbol, a quantity and a price. Name these fields in the settings, or choose another queue.</EmptyState>
    );
  }
  return (
    <div className="bw-blotter">
      <WidgetTable label={`Symbols of ${queue}`} columns={symbolColumns(format)} rows={symbols.slice(0, mostRows)} rowId={({ symbol }) => symbol} />
      <WidgetTable label={`Last trades of ${queue}`} columns={tradeColumns(format)} rows={trades.slice(0, mostRows)} rowId={({ sequence }) => sequence.toString()} />
    </div>
  );
}

/** The side in words with an arrow; – if the message has no side. */
function Side({ side }: { side: Trade['side'] }) {
  if (side === '') {
    return <span className="soft">–</span>;
  }
  return (
    <span className="bw-side" data-side={side}>
      <span aria-hidden="true">{side === 'buy' ? '▲' : '▼'}</span> {side === 'buy' ? 'Buy' : 'Sell'}
    </span>
  );
}
