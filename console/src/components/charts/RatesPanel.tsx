import { useState } from 'react';
import type { Overview } from '../../api/types';
import { formatRate } from '../../format/number';
import type { RateHistory } from '../../live/rateHistory';
import { describeChart } from './chartDescription';
import { Panel } from '../page/Panel';
import { QueueTable } from './QueueTable';
import { RateChart } from './RateChart';

interface Props {
  overview: Overview;
  history: RateHistory;
  palette: string;
}

export function RatesPanel({ overview, history, palette }: Props) {
  const [cursor, setCursor] = useState<number | null>(null);
  const { queues } = overview;
  return (
    <Panel id="rates" title="Rates" note={cursor === null ? 'messages per second, last 60 s' : readAt(history, cursor)}>
      <RateChart
        history={history}
        names={queues.map((queue) => queue.name)}
        description={describeChart(queues, history)}
        palette={palette}
        onCursor={setCursor}
      />
      <QueueTable queues={queues} history={history} />
    </Panel>
  );
}

/** The values under the pointer: "12 s ago: telemetry 1,024/s, dead-letters 0/s". */
function readAt(history: RateHistory, index: number): string {
  const at = history.times[index];
  const newest = history.times.at(-1);
  if (at === undefined || newest === undefined) {
    return '';
  }
  const values = [...history.rates].flatMap(([name, series]) => {
    const rate = series[index];
    return rate === null || rate === undefined ? [] : [`${name} ${formatRate(rate)}/s`];
  });
  return `${(newest - at).toFixed(0)} s ago: ${values.join(', ') || 'no data'}`;
}
