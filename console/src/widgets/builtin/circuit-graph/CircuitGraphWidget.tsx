import { useCallback } from 'react';
import { Link, useNavigate } from 'react-router';
import { fetchCircuitDescription } from '../../../api/circuits';
import { addresses } from '../../../app/addresses';
import { EmptyState } from '../../../components/page/EmptyState';
import { ScrollBox } from '../../../components/page/ScrollBox';
import { CircuitDrawing } from '../../../components/parts/CircuitDrawing';
import { markOf, StateMark } from '../../../components/states/StateMark';
import { formatMs } from '../../../format/number';
import type { BuiltinProps } from '../../types';
import { Answer } from '../shared/Answer';
import { textIn } from '../shared/config';
import { useHeldOverview } from '../shared/useHeld';
import { useWidgetFetch } from '../shared/useWidgetFetch';
import { WidgetBody } from '../shared/WidgetBody';
import { noteOf, ratesOf } from './circuitRates';

/** A deployed circuit changes rarely; its rates come with the overview. */
const pollMs = 30_000;

/** The graph of a circuit with the rates of its inputs and outputs. */
export default function CircuitGraphWidget({ config, time }: BuiltinProps) {
  const overview = useHeldOverview(time.isPaused);
  const navigate = useNavigate();
  const name = textIn(config, 'circuit') || (overview.circuits[0]?.name ?? '');
  const load = useCallback((signal: AbortSignal) => fetchCircuitDescription(name, signal), [name]);
  const fetched = useWidgetFetch(name === '' ? null : load, time, pollMs);
  const circuit = overview.circuits.find((one) => one.name === name);
  return (
    <WidgetBody
      name="circuit-graph"
      head={
        circuit !== undefined && (
          <>
            <Link to={addresses.circuit(name)}>{name}</Link>
            <span className="cell-state">
              <StateMark state={markOf(circuit.state)} />
              {circuit.state}
            </span>
            {circuit.p99Ms !== null && <span className="soft">p99 {formatMs(circuit.p99Ms)}</span>}
          </>
        )
      }
    >
      {circuit !== undefined && circuit.detail !== '' && <p className="bw-warn">{circuit.detail}</p>}
      {name === '' ? (
        <EmptyState title="This host runs no circuit.">
          Name circuits of a tenant under <code>Estream:Tenants:NAME:Circuits</code>.
        </EmptyState>
      ) : (
        <Answer what={`Circuit ${name}`} fetched={fetched}>
          {(description) => {
            const rates = ratesOf(description, overview);
            const placeOf = (place: string) => description.places.find((one) => one.name === place);
            const hrefOf = (place: string): string | undefined => {
              const at = placeOf(place)?.at ?? null;
              return at === null ? undefined : overview.maps.some((map) => map.name === at) ? addresses.map(at) : addresses.queue(at);
            };
            return (
              <ScrollBox className="bw-scroll" label={`Graph of ${name}`}>
                <CircuitDrawing
                  name={name}
                  places={description.places}
                  flows={description.flows}
                  hrefOf={hrefOf}
                  noteOf={(place) => noteOf(placeOf(place)?.kind ?? '', rates.get(place))}
                  onFollow={(href) => void navigate(href)}
                />
              </ScrollBox>
            );
          }}
        </Answer>
      )}
    </WidgetBody>
  );
}
