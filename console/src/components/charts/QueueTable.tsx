import { Link } from 'react-router';
import { addresses } from '../../app/addresses';
import type { Queue } from '../../api/types';
import { formatBytes, formatCount, formatRate } from '../../format/number';
import { summarise, type RateHistory } from '../../live/rateHistory';
import { ScrollBox } from '../page/ScrollBox';
import { SeriesSwatch } from './SeriesSwatch';

interface Props {
  queues: readonly Queue[];
  history: RateHistory;
}

/** Legend of the chart and also its text alternative: the numbers of the last minute for each line. */
export function QueueTable({ queues, history }: Props) {
  return (
    <ScrollBox className="table-scroll" label="Queues">
      <table className="figures">
        <caption className="visually-hidden">Queues: messages per second over the last minute, and stored data</caption>
        <thead>
          <tr>
            <th scope="col">Queue</th>
            <th scope="col">Now /s</th>
            <th scope="col" data-minor="">
              Mean /s
            </th>
            <th scope="col">Peak /s</th>
            <th scope="col">Messages</th>
            <th scope="col">On disk</th>
          </tr>
        </thead>
        <tbody>
          {queues.map((queue, index) => {
            const minute = summarise(history.rates.get(queue.name));
            return (
              <tr key={queue.name} data-queue={queue.name}>
                <th scope="row">
                  <SeriesSwatch index={index} />
                  <Link to={addresses.queue(queue.name)}>{queue.name}</Link>
                  {queue.retentionHeldBy !== '' && <p className="part-detail">Retention is held by {queue.retentionHeldBy}</p>}
                </th>
                <td data-figure="rate">{formatRate(queue.ratePerSecond)}</td>
                <td data-minor="">{minute === null ? '–' : formatRate(minute.mean)}</td>
                <td>{minute === null ? '–' : formatRate(minute.max)}</td>
                <td data-figure="messages">{formatCount(queue.messages)}</td>
                <td>{formatBytes(queue.bytes)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollBox>
  );
}
