import { useState } from 'react';
import { observeOutput, type StreamObservation } from '../../api/circuits';
import { failureText } from '../../api/http';
import { Panel } from '../../components/page/Panel';
import { TimeText } from '../../components/page/TimeText';
import { formatCount, formatMs } from '../../format/number';
import { announce } from '../../state/announcer';
import { useWhyNot } from '../../state/SessionContext';

interface Props {
  circuit: string;
  observations: readonly StreamObservation[];
  onChange: () => void;
}

const levels: readonly [level: string, shows: string][] = [
  ['L0', 'counts'],
  ['L1', 'latency'],
  ['L2', 'some traces'],
  ['L3', 'all traces'],
];

const durations: readonly [seconds: number, text: string][] = [
  [60, 'for 1 min'],
  [600, 'for 10 min'],
  [3600, 'for 1 h'],
  [0, 'until changed'],
];

/** How each output is observed, and the switch that changes it (operator, audited by the host). */
export function Observations({ circuit, observations, onChange }: Props) {
  const whyNot = useWhyNot('operator');
  const [seconds, setSeconds] = useState(durations[1]![0]);
  const [failure, setFailure] = useState('');

  const choose = async (output: string, level: string) => {
    try {
      await observeOutput(circuit, output, level, seconds);
      setFailure('');
      announce(`Output ${output} is observed at ${level}`);
      onChange();
    } catch (cause) {
      setFailure(failureText(cause));
    }
  };

  return (
    <Panel
      id="observation"
      title="Observation"
      note={whyNot || 'a change is recorded in the audit log'}
      tools={
        whyNot === '' && (
          <label>
            <span className="visually-hidden">A change lasts</span>
            <select value={seconds} onChange={({ target }) => setSeconds(Number(target.value))}>
              {durations.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          </label>
        )
      }
    >
      {failure !== '' && (
        <p className="action-failure" role="alert">
          {failure}
        </p>
      )}
      <ul className="observations">
        {observations.map((stream) => (
          <li key={stream.output} data-output={stream.output}>
            <strong>{stream.output}</strong>
            <fieldset className="segmented" disabled={whyNot !== ''}>
              <legend className="visually-hidden">Level of {stream.output}</legend>
              {levels.map(([level, shows]) => (
                <label key={level} title={whyNot || shows}>
                  <input type="radio" name={`level-${stream.output}`} checked={stream.level === level} onChange={() => void choose(stream.output, level)} />
                  <span>{level}</span>
                </label>
              ))}
            </fieldset>
            <span className="soft">
              {levels.find(([level]) => level === stream.level)?.[1]}
              {stream.effective !== stream.level && <>, limited to {stream.effective} by the trace budget</>}
              {stream.until !== null && (
                <>
                  , ends <TimeText at={stream.until} />
                </>
              )}
            </span>
            <span className="observation-figures">{measured(stream)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function measured({ p50Ms, p99Ms, p999Ms, tracedTotal }: StreamObservation): string {
  const latencies = [
    ['p50', p50Ms],
    ['p99', p99Ms],
    ['p99.9', p999Ms],
  ] as const;
  return [...latencies.flatMap(([name, ms]) => (ms === null ? [] : [`${name} ${formatMs(ms)}`])), `${formatCount(tracedTotal)} traced`].join(' · ');
}
