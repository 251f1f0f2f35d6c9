import { useMemo } from 'react';
import type { QueueDetail } from '../../api/queues';
import { HistoryCharts, type ChartSpec } from '../../components/charts/HistoryCharts';
import { useTimeRange } from '../../state/useTimeRange';

/** The recorded rate, size and lags of a queue. */
export function QueueHistory({ queue }: { queue: QueueDetail }) {
  const time = useTimeRange();
  const readers = JSON.stringify(queue.readers.map(({ name, tailer }) => ({ name: `queue/${queue.name}/lag/${tailer}`, label: name })));
  const charts = useMemo((): ChartSpec[] => {
    const at = (name: string) => `queue/${queue.name}/${name}`;
    return [
      { title: 'Rate', series: [{ name: at('rate'), label: queue.name }] },
      { title: 'Lag of readers', series: JSON.parse(readers) as ChartSpec['series'] },
      { title: 'Bytes on disk', series: [{ name: at('bytes'), label: queue.name }] },
    ];
  }, [queue.name, readers]);
  return <HistoryCharts prefix={`queue/${queue.name}/`} charts={charts} time={time} />;
}
