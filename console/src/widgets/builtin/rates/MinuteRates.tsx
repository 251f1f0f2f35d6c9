import { useState } from 'react';
import { Link } from 'react-router';
import type { Queue } from '../../../api/types';
import { addresses } from '../../../app/addresses';
import { describeChart } from '../../../components/charts/chartDescription';
import { RateChart } from '../../../components/charts/RateChart';
import { SeriesSwatch } from '../../../components/charts/SeriesSwatch';
import { EmptyState } from '../../../components/page/EmptyState';
import { useLive } from '../../../live/LiveContext';
import { summarise } from '../../../live/rateHistory';
import { usePalette } from '../../../state/PaletteContext';
import { useHeld, useHeldOverview } from '../shared/useHeld';
import { WidgetTable } from '../shared/WidgetTable';
import { chosenQueues } from './rates';

/** The rates of queues over the last 60 seconds, from the event stream of the page. */
export function MinuteRates({ names, isPaused }: { names: readonly string[]; isPaused: boolean }) {
  const overview = useHeldOverview(isPaused);
  const history = useHeld(useLive().history, isPaused);
  const palette = usePalette();
  const [cursor, setCursor] = useState<number | null>(null);
  const queues = chosenQueues(overview.queues, names);
  if (queues.length === 0) {
    return <EmptyState title="None of these queues is among the 200 of the live overview.">Set the span to the time range, or choose busier queues.</EmptyState>;
  }
  const at = cursor === null ? undefined : history.times[cursor];
  const newest = history.times.at(-1);
  const rateAt = ({ name, ratePerSecond }: Queue) => (cursor === null ? ratePerSecond : (history.rates.get(name)?.[cursor] ?? null));
  return (
    <div className="bw-chart">
      <p className="bw-note soft">{at === undefined || newest === undefined ? 'messages per second' : `${(newest - at).toFixed(0)} s ago`}</p>
      <RateChart history={history} names={queues.map(({ name }) => name)} description={describeChart(queues, history)} palette={palette} onCursor={setCursor} />
      <WidgetTable
        label="Rates of the last minute"
        rows={queues}
        rowId={({ name }) => name}
        columns={[
          { id: 'name', title: 'Queue', value: ({ name }) => name, cell: (queue) => <QueueName index={queues.indexOf(queue)} name={queue.name} /> },
          { id: 'now', title: cursor === null ? 'Now' : 'At the cursor', kind: 'rate', value: rateAt },
          { id: 'min', title: 'Min', kind: 'rate', minor: true, value: ({ name }) => summarise(history.rates.get(name))?.min ?? null },
          { id: 'mean', title: 'Mean', kind: 'rate', minor: true, value: ({ name }) => summarise(history.rates.get(name))?.mean ?? null },
          { id: 'max', title: 'Max', kind: 'rate', value: ({ name }) => summarise(history.rates.get(name))?.max ?? null },
        ]}
      />
    </div>
  );
}

function QueueName({ index, name }: { index: number; name: string }) {
  return (
    <>
      <SeriesSwatch index={index} />
      <Link to={addresses.queue(name)}>{name}</Link>
    </>
  );
}
