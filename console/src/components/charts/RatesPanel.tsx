import { useState } from 'react';
import { Link } from 'react-router';
import { addresses } from '../../app/addresses';
import type { Overview, Queue } from '../../api/types';
import { formatCount, formatRate } from '../../format/number';
import type { RateHistory } from '../../live/rateHistory';
import { useBusiest } from '../../live/useBusiest';
import { describeChart } from './chartDescription';
import { Panel } from '../page/Panel';
import { QueueTable } from './QueueTable';
import { RateChart } from './RateChart';

/** More lines cannot be told apart. */
const mostLines = 5;

interface Props {
  overview: Overview;
  history: RateHistory;
  palette: string;
}

export function RatesPanel({ overview, history, palette }: Props) {
  const [cursor, setCursor] = useState<number | null>(null);
  const queues = useBusiest(overview.queues, mostLines);
  const total = overview.queueCount ?? overview.queues.length;
  return (
    <Panel id="rates" title="Rates" note={cursor === null ? 'messages per second, last 60 s' : readAt(history, queues, cursor)}>
      <RateChart
        history={history}
        names={queues.map((queue) => queue.name)}
        description={describeChart(queues, history)}
        palette={palette}
        onCursor={setCursor}
      />
      <QueueTable queues={queues} history={history} />
      {total > queues.length && (
        <p className="panel-foot">
          The {queues.length} busiest of <Link to={addresses.queues}>{formatCount(total)} queues</Link>
        </p>
      )}
    </Panel>
  );
}

/** The values under the pointer: "12 s ago: telemetry 1,024/s, dead-letters 0/s". */
function readAt(history: RateHistory, queues: readonly Queue[], index: number): string {
  const at = history.times[index];
  const newest = history.times.at(-1);
  if (at === undefined || newest === undefined) {
    return '';
  }
  const values = queues.flatMap(({ name }) => {
    const rate = history.rates.get(name)?.[index];
    return rate === null || rate === undefined ? [] : [`${name} ${formatRate(rate)}/s`];
  });
  return `${(newest - at).toFixed(0)} s ago: ${values.join(', ') || 'no data'}`;
}
