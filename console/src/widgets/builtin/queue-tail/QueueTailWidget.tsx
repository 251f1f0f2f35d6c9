import { Link } from 'react-router';
import { addresses } from '../../../app/addresses';
import { EmptyState } from '../../../components/page/EmptyState';
import type { BuiltinProps } from '../../types';
import { namesIn, numberIn, textIn } from '../shared/config';
import { useFirst } from '../shared/useFirst';
import { useHeldOverview } from '../shared/useHeld';
import { WidgetBody } from '../shared/WidgetBody';
import { defaultQueue, mostFields, rowBounds } from './queueTail';
import { Tail } from './Tail';

/** The newest messages of a queue. */
export default function QueueTailWidget({ config, time }: BuiltinProps) {
  const { queues } = useHeldOverview(time.isPaused);
  const queue = useFirst(textIn(config, 'queue') || defaultQueue(queues), textIn(config, 'queue'));
  const [filter, schema] = [textIn(config, 'filter'), textIn(config, 'schema')];
  return (
    <WidgetBody
      name="queue-tail"
      head={
        queue !== '' && (
          <>
            <Link to={addresses.queue(queue)}>{queue}</Link>
            {filter !== '' && <code>{filter}</code>}
          </>
        )
      }
    >
      {queue === '' ? (
        <EmptyState title="This host has no queue.">
          Add one under <code>Estream:Queues</code>.
        </EmptyState>
      ) : (
        <Tail key={queue} queue={queue} filter={filter} schema={schema} fields={namesIn(config, 'fields', mostFields)} rows={numberIn(config, 'rows', rowBounds)} isPaused={time.isPaused} />
      )}
    </WidgetBody>
  );
}
