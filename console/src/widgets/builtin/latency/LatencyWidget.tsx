import { useMemo } from 'react';
import { Link } from 'react-router';
import { addresses } from '../../../app/addresses';
import { EmptyState } from '../../../components/page/EmptyState';
import type { BuiltinProps } from '../../types';
import { busiestAdapters } from '../rates/rates';
import { choiceIn, textIn } from '../shared/config';
import { HistoryFigure } from '../shared/HistoryFigure';
import { useFirst } from '../shared/useFirst';
import { useHeldOverview } from '../shared/useHeld';
import { WidgetBody } from '../shared/WidgetBody';
import { Distribution } from './Distribution';
import { percentiles, views } from './latency';

/** The time that an adapter needs to store a message. */
export default function LatencyWidget({ config, time }: BuiltinProps) {
  const { adapters } = useHeldOverview(time.isPaused);
  const chosen = textIn(config, 'adapter');
  const adapter = useFirst(chosen || (busiestAdapters(adapters, 1)[0] ?? ''), chosen);
  const series = useMemo(() => percentiles.map(({ measure, label }) => ({ name: `adapter/${adapter}/${measure}`, label })), [adapter]);
  if (adapter === '') {
    return (
      <WidgetBody name="latency">
        <EmptyState title="This host has no adapter.">
          Add one under <code>Estream:Adapters</code>.
        </EmptyState>
      </WidgetBody>
    );
  }
  return (
    <WidgetBody name="latency" head={<Link to={addresses.adapter(adapter)}>{adapter}</Link>}>
      {choiceIn(config, 'view', views) === 'distribution' ? (
        <Distribution adapter={adapter} time={time} />
      ) : (
        <HistoryFigure title="Time to store" prefix={`adapter/${adapter}/`} series={series} time={time} />
      )}
    </WidgetBody>
  );
}
