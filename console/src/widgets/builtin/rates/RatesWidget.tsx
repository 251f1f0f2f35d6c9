import { useMemo } from 'react';
import { EmptyState } from '../../../components/page/EmptyState';
import { useBusiest } from '../../../live/useBusiest';
import type { BuiltinProps } from '../../types';
import { choiceIn, namesIn, numberIn } from '../shared/config';
import { HistoryFigure } from '../shared/HistoryFigure';
import { useHeldOverview } from '../shared/useHeld';
import { WidgetBody } from '../shared/WidgetBody';
import { MinuteRates } from './MinuteRates';
import { busiestAdapters, mostLines, seriesOf, sources, spans } from './rates';

/** Messages per second of queues or adapters. */
export default function RatesWidget({ config, time }: BuiltinProps) {
  const { queues, adapters } = useHeldOverview(time.isPaused);
  const source = choiceIn(config, 'show', sources);
  const most = numberIn(config, 'lines', [1, mostLines, mostLines]);
  const busiest = useBusiest(queues, most);
  const named = namesIn(config, source, mostLines);
  const names = named.length > 0 ? named : source === 'queues' ? busiest.map(({ name }) => name) : busiestAdapters(adapters, most);
  const key = names.join('\n');
  const series = useMemo(() => seriesOf(source, key === '' ? [] : key.split('\n')), [source, key]);
  const isMinute = source === 'queues' && choiceIn(config, 'span', spans) === 'last minute';
  return (
    <WidgetBody name="rates">
      {names.length === 0 ? (
        <EmptyState title={source === 'queues' ? 'This host has no queue.' : 'This host has no adapter.'}>
          Add one under <code>{source === 'queues' ? 'Estream:Queues' : 'Estream:Adapters'}</code>.
        </EmptyState>
      ) : isMinute ? (
        <MinuteRates names={names} isPaused={time.isPaused} />
      ) : (
        <HistoryFigure title="Messages" prefix={source === 'queues' ? 'queue/' : 'adapter/'} series={series} time={time} />
      )}
    </WidgetBody>
  );
}
