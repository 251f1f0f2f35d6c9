import { useCallback } from 'react';
import { hostNow } from '../../../api/hostClock';
import { fetchHistory } from '../../../api/history';
import { StatusError } from '../../../api/http';
import { EmptyState } from '../../../components/page/EmptyState';
import { formatSeconds } from '../../../format/number';
import { pollMsOf, spanOf } from '../../../state/timeRange';
import type { BuiltinProps } from '../../types';
import { Answer } from '../shared/Answer';
import { numberIn } from '../shared/config';
import { Figures } from '../shared/Figures';
import { useWidgetFetch } from '../shared/useWidgetFetch';
import { useWidgetTime } from '../shared/useWidgetTime';
import { WidgetBody } from '../shared/WidgetBody';
import { amount, estimateOf, formatGrams, formatWattHours, gramBounds, overheadBounds, wattBounds } from './carbon';

const series = ['host/cpu'];
/** The shortest time between two requests for the estimate. */
const leastPollMs = 10_000;

/** An estimate of energy and emissions from the processor time of the host. */
export default function CarbonImpactWidget({ config, time }: BuiltinProps) {
  const factors = { watts: numberIn(config, 'watts', wattBounds), overhead: numberIn(config, 'overhead', overheadBounds), gramsPerKwh: numberIn(config, 'gramsPerKwh', gramBounds) };
  const { range } = useWidgetTime(time);
  const load = useCallback((signal: AbortSignal) => fetchHistory({ series, ...spanOf(range, hostNow()) }, signal), [range]);
  const poll = pollMsOf(range);
  const fetched = useWidgetFetch(load, time, poll === null ? () => undefined : Math.max(poll, leastPollMs));
  return (
    <WidgetBody name="carbon-impact" head={<strong>Estimate for the time range</strong>}>
      {fetched.error instanceof StatusError && fetched.error.status === 404 ? (
        <EmptyState title="The host does not record its processor time.">
          The host records the history unless <code>Estream:History:Enabled</code> is false.
        </EmptyState>
      ) : (
        <Answer what="The processor time of the host" fetched={fetched}>
          {(history) => {
            const estimate = history.series[0] === undefined ? null : estimateOf(history.series[0], factors);
            return estimate === null ? (
              <EmptyState title="The host recorded no processor time in this range.">Choose a longer time range.</EmptyState>
            ) : (
              <>
                <Figures
                  figures={[
                    { label: 'CO2e', value: formatGrams(estimate.grams) },
                    { label: 'Energy', value: formatWattHours(estimate.wattHours) },
                    { label: 'Mean power', value: `${amount(estimate.meanWatts)} W` },
                    { label: 'CO2e per year', value: formatGrams(estimate.kilogramsPerYear * 1000) },
                  ]}
                />
                <p className="bw-foot soft">
                  {formatSeconds(estimate.coreHours * 3600)} of processor time in {formatSeconds(estimate.recordedHours * 3600)}, with {amount(factors.watts)} W per core × {amount(factors.overhead)}{' '}
                  overhead and {amount(factors.gramsPerKwh)} g CO2e/kWh. Memory, disks, network and the making of the server are not included.
                </p>
              </>
            );
          }}
        </Answer>
      )}
    </WidgetBody>
  );
}
