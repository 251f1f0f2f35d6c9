import { useCallback, useMemo } from 'react';
import { hostNow } from '../../../api/hostClock';
import { fetchHistory } from '../../../api/history';
import { EmptyState } from '../../../components/page/EmptyState';
import { pollMsOf, spanOf } from '../../../state/timeRange';
import type { DashboardTime } from '../../types';
import { Answer } from '../shared/Answer';
import { Bar } from '../shared/Bar';
import { useWidgetFetch } from '../shared/useWidgetFetch';
import { useWidgetTime } from '../shared/useWidgetTime';
import { WidgetTable, type WidgetColumn } from '../shared/WidgetTable';
import { distributionOf, percentiles, type Bucket } from './latency';

const columns: readonly WidgetColumn<Bucket>[] = [
  { id: 'latency', title: 'Latency', value: ({ label }) => label },
  ...percentiles.map(
    ({ measure, label }, index): WidgetColumn<Bucket> => ({
      id: measure,
      title: `Share of the time, ${label}`,
      value: ({ shares }) => shares[index] ?? 0,
      cell: ({ shares }) => <Bar share={shares[index] ?? 0} text={percentText(shares[index] ?? 0)} isOther={index === 0} />,
    }),
  ),
];

/** How often each latency occurred in the time range, from the recorded percentiles. */
export function Distribution({ adapter, time }: { adapter: string; time: DashboardTime }) {
  const { range } = useWidgetTime(time);
  const load = useCallback((signal: AbortSignal) => fetchHistory({ series: percentiles.map(({ measure }) => `adapter/${adapter}/${measure}`), ...spanOf(range, hostNow()) }, signal), [adapter, range]);
  const fetched = useWidgetFetch(load, time, pollMsOf(range) ?? (() => undefined));
  const buckets = useMemo(() => distributionOf(fetched.data?.series ?? []), [fetched.data]);
  return (
    <Answer what={`The latency of ${adapter}`} fetched={fetched}>
      {() =>
        buckets.length === 0 ? (
          <EmptyState title="The host recorded no latency in this time.">Choose another time range, or another adapter in the settings.</EmptyState>
        ) : (
          <WidgetTable label={`Distribution of the latency of ${adapter}`} columns={columns} rows={buckets} rowId={({ label }) => label} />
        )
      }
    </Answer>
  );
}

function percentText(share: number): string {
  return share === 0 ? '0 %' : share < 0.01 ? '<1 %' : `${Math.round(share * 100)} %`;
}
