import { HistoryCharts, type ChartSpec } from '../../components/charts/HistoryCharts';
import { useTimeRange } from '../../state/useTimeRange';

const charts: readonly ChartSpec[] = [
  { title: 'CPU', series: [{ name: 'host/cpu', label: 'one core = 100 %' }] },
  { title: 'Memory', series: [{ name: 'host/memory', label: 'host process' }] },
  { title: 'Free disk space', series: [{ name: 'host/disk-free', label: 'data directory' }] },
];

/** The recorded load of the host process. */
export default function HostHistory() {
  return <HistoryCharts prefix="host/" charts={charts} time={useTimeRange()} title="Host" />;
}
