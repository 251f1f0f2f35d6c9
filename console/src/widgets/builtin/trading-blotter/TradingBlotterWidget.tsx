import { useCallback, useMemo, useRef } from 'react';
import { Link } from 'react-router';
import type { Message } from '../../../api/types';
import { addresses } from '../../../app/addresses';
import { EmptyState } from '../../../components/page/EmptyState';
import { formatCount } from '../../../format/number';
import type { BuiltinProps } from '../../types';
import { Answer } from '../shared/Answer';
import { numberIn, textIn } from '../shared/config';
import { newestMessages } from '../shared/newestMessages';
import { useFirst } from '../shared/useFirst';
import { useHeldOverview } from '../shared/useHeld';
import { useQueueNews } from '../shared/useQueueNews';
import { livePollMs, useWidgetFetch } from '../shared/useWidgetFetch';
import { WidgetBody } from '../shared/WidgetBody';
import { defaultQueue, messageBounds, priceDecimalBounds, quantityDecimalBounds, type Mapping } from './blotter';
import { Blotter } from './Blotter';

/** The last executions of a queue. */
export default function TradingBlotterWidget({ config, time }: BuiltinProps) {
  const { queues } = useHeldOverview(time.isPaused);
  const chosen = textIn(config, 'queue');
  const queue = useFirst(chosen || defaultQueue(queues), chosen);
  const count = numberIn(config, 'messages', messageBounds);
  const hasNews = useQueueNews(queue);
  const kept = useRef<{ key: string; messages: Message[] } | null>(null);
  const load = useCallback(
    async (signal: AbortSignal) => {
      const key = `${count} ${queue}`;
      if (hasNews() || kept.current?.key !== key) {
        // A request that fails is repeated.
        kept.current = null;
        kept.current = { key, messages: await newestMessages(queue, count, signal) };
      }
      return kept.current.messages;
    },
    [queue, count, hasNews],
  );
  const fetched = useWidgetFetch(queue === '' ? null : load, time, livePollMs);
  const mapping = useMemo(
    (): Mapping => ({
      symbol: textIn(config, 'symbolField'),
      side: textIn(config, 'sideField'),
      quantity: textIn(config, 'quantityField'),
      price: textIn(config, 'priceField'),
      priceDecimals: numberIn(config, 'priceDecimals', priceDecimalBounds),
      quantityDecimals: numberIn(config, 'quantityDecimals', quantityDecimalBounds),
    }),
    [config],
  );
  return (
    <WidgetBody
      name="trading-blotter"
      head={
        queue !== '' && (
          <>
            <Link to={addresses.queue(queue)}>{queue}</Link>
            {fetched.data !== null && <span className="soft">newest {formatCount(fetched.data.length)} messages</span>}
          </>
        )
      }
    >
      {queue === '' ? (
        <EmptyState title="No queue is chosen.">No queue has a name that contains fill, execution or trade. Choose the queue of executions in the settings.</EmptyState>
      ) : (
        <Answer what={`The messages of ${queue}`} fetched={fetched}>
          {(messages) => <Blotter queue={queue} messages={messages} mapping={mapping} />}
        </Answer>
      )}
    </WidgetBody>
  );
}
