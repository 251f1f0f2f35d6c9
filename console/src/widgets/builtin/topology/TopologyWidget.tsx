import { useMemo, useRef } from 'react';
import { EmptyState } from '../../../components/page/EmptyState';
import { ScrollBox } from '../../../components/page/ScrollBox';
import type { BuiltinProps } from '../../types';
import { Answer } from '../shared/Answer';
import { numberIn, textIn } from '../shared/config';
import { useHeldOverview } from '../shared/useHeld';
import { WidgetBody } from '../shared/WidgetBody';
import { nextSample, type ReceivedSample } from './receivedRates';
import { around, bounded, mostBounds, topologyOf } from './topology';
import { TopologyDrawing } from './TopologyDrawing';
import { useRoutes } from './useRoutes';

/** The routes of messages through the host. */
export default function TopologyWidget({ config, time }: BuiltinProps) {
  const overview = useHeldOverview(time.isPaused);
  const sample = useRef<ReceivedSample | null>(null);
  sample.current = nextSample(sample.current, overview.adapters, Date.now());
  const { rates } = sample.current;
  const fetched = useRoutes(
    overview.adapters.map(({ name }) => name),
    time,
  );
  const queue = textIn(config, 'queue');
  const most = numberIn(config, 'most', mostBounds);
  const topology = useMemo(() => {
    const whole = topologyOf(overview, fetched.data ?? [], rates);
    return { whole, shown: bounded(queue === '' ? whole : around(whole, queue), most) };
  }, [overview, fetched.data, rates, queue, most]);
  const { whole, shown } = topology;
  return (
    <WidgetBody name="topology">
      <Answer what="The queues of the adapters" fetched={fetched}>
        {() =>
          shown.edges.length === 0 ? (
            <EmptyState title={queue === '' ? 'No messages go from one part to another.' : `Nothing is connected with queue ${queue}.`}>
              Add adapters under <code>Estream:Adapters</code>, files of pipelines under <code>Estream:Pipelines</code>, or maps under <code>Estream:Maps</code>.
            </EmptyState>
          ) : (
            <>
              <ScrollBox className="bw-scroll" label="Drawing of the topology">
                <TopologyDrawing topology={shown} />
              </ScrollBox>
              {queue === '' && shown.nodes.length < whole.nodes.length && (
                <p className="bw-foot soft">
                  {shown.nodes.length} of {whole.nodes.length} parts: those with trouble and the busiest. Change the limit in the settings.
                </p>
              )}
            </>
          )
        }
      </Answer>
    </WidgetBody>
  );
}
