import { useCallback } from 'react';
import { Link } from 'react-router';
import { fetchTraces, type Trace } from '../../api/circuits';
import { addresses } from '../../app/addresses';
import { EmptyState } from '../../components/page/EmptyState';
import { Panel } from '../../components/page/Panel';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { formatDuration } from '../../format/unit';
import { useIsLive } from '../../live/LiveContext';
import { useFetch } from '../../live/useFetch';
import { useUrlState } from '../../state/useUrlState';
import { TraceSteps } from './TraceSteps';

const shownTraces = 100;
const pollMs = 2000;

const columns: readonly Column<Trace>[] = [
  { id: 'at', title: 'Began', kind: 'time', value: ({ beganAt }) => beganAt, show: 'always' },
  { id: 'output', title: 'Output', value: ({ output }) => output, width: 'minmax(8rem, 14rem)' },
  {
    id: 'message',
    title: 'Message',
    value: ({ queue, sequence }) => `${queue} ${sequence}`,
    cell: ({ queue, sequence }) => <Link to={addresses.message(queue, sequence)}>{`${queue} ${sequence}`}</Link>,
    width: 'minmax(10rem, 1fr)',
  },
  { id: 'processed', title: 'Processed', kind: 'count', value: ({ processedUs }) => processedUs, cell: ({ processedUs }) => formatDuration(processedUs / 1e6) },
  { id: 'permanent', title: 'Committed', kind: 'count', value: ({ permanentUs }) => permanentUs, cell: ({ permanentUs }) => formatDuration(permanentUs / 1e6) },
  { id: 'outcome', title: 'Outcome', value: ({ outcome, reason }) => (reason === '' ? outcome : `${outcome}: ${reason}`), width: 'minmax(10rem, 2fr)' },
];

/** The newest traced messages; a row opens the nodes that the message went through. */
export function Traces({ circuit, outputs }: { circuit: string; outputs: readonly string[] }) {
  const [output, setOutput] = useUrlState('output');
  const load = useCallback((signal: AbortSignal) => fetchTraces(circuit, output, shownTraces, signal), [circuit, output]);
  const { data, error, reload } = useFetch(load, { everyMs: pollMs, active: useIsLive() });
  return (
    <Panel id="traces" title="Traces" note="newest first">
      <DataTable
        name="traces"
        label="Traces"
        columns={columns}
        rows={data}
        rowId={({ traceId }) => traceId}
        stateOf={({ outcome }) => (outcome === 'rejected' ? 'degraded' : undefined)}
        detailOf={(trace) => <TraceSteps trace={trace} />}
        tools={
          outputs.length > 1 && (
            <label>
              <span className="visually-hidden">Output</span>
              <select value={output} onChange={({ target }) => setOutput(target.value)}>
                <option value="">All outputs</option>
                {outputs.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            </label>
          )
        }
        error={error}
        onRetry={reload}
        empty={<EmptyState title="No message has been traced.">Set the level of an output to L2 or L3 above.</EmptyState>}
      />
    </Panel>
  );
}
