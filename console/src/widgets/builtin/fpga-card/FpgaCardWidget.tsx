import { Link } from 'react-router';
import { addresses } from '../../../app/addresses';
import { EmptyState } from '../../../components/page/EmptyState';
import { markOf, StateMark } from '../../../components/states/StateMark';
import type { BuiltinProps } from '../../types';
import { textIn } from '../shared/config';
import { Figures } from '../shared/Figures';
import { useHeldOverview } from '../shared/useHeld';
import { WidgetBody } from '../shared/WidgetBody';
import { cardFigures, chosenCard } from './cardFigures';

/** The facts and counters of an FPGA card. */
export default function FpgaCardWidget({ config, time }: BuiltinProps) {
  const { cards } = useHeldOverview(time.isPaused);
  const name = textIn(config, 'card');
  const card = chosenCard(cards, name);
  if (card === undefined) {
    return (
      <WidgetBody name="fpga-card">
        <EmptyState title={name === '' ? 'This host has no card.' : `This host has no card at ${name}.`}>
          Set the address of a card in <code>Estream:Cards</code>; <code>sim:</code> simulates a card without hardware.
        </EmptyState>
      </WidgetBody>
    );
  }
  return (
    <WidgetBody
      name="fpga-card"
      head={
        <>
          <Link to={addresses.cards}>{card.name}</Link>
          <span className="cell-state">
            <StateMark state={markOf(card.state)} />
            {card.state}
          </span>
          {card.simulated && <strong>SIMULATED, no hardware</strong>}
        </>
      }
    >
      {card.detail !== '' && <p className="bw-warn">{card.detail}</p>}
      <p className="soft">{card.engines === '' ? 'The engines are not available.' : `Engines: ${card.engines}`}</p>
      <Figures figures={cardFigures(card)} />
    </WidgetBody>
  );
}
