import { useCallback, useMemo } from 'react';
import { useNavigate, useParams } from 'react-router';
import { fetchCircuitDescription, type CircuitDescription } from '../../api/circuits';
import type { Circuit } from '../../api/types';
import { addresses } from '../../app/addresses';
import { Page } from '../../app/Page';
import { HistoryCharts, type ChartSpec } from '../../components/charts/HistoryCharts';
import { AnswerError, StaleNotice } from '../../components/page/AnswerError';
import { Panel } from '../../components/page/Panel';
import { CircuitDrawing } from '../../components/parts/CircuitDrawing';
import { FigureList } from '../../components/parts/FigureList';
import { PartNotice } from '../../components/parts/PartNotice';
import { markOf } from '../../components/states/StateMark';
import { formatBytes, formatCount, formatSeconds } from '../../format/number';
import { useIsLive, useOverview } from '../../live/LiveContext';
import { circuitRemedies } from '../../live/remedies';
import { useFetch } from '../../live/useFetch';
import { useTimeRange } from '../../state/useTimeRange';
import { Observations } from './Observations';
import { ServiceLevels } from './ServiceLevels';
import { Traces } from './Traces';

const pollMs = 2000;

/** One circuit: state, graph, observation switch, traces and history. */
export default function CircuitPage() {
  const { name = '' } = useParams();
  const load = useCallback((signal: AbortSignal) => fetchCircuitDescription(name, signal), [name]);
  const { data, error, reload } = useFetch(load, { everyMs: pollMs, active: useIsLive() });
  const circuit = useOverview().circuits.find((one) => one.name === name);
  return (
    <Page title={name} note={data === null ? undefined : `${data.version} · ${data.tenant}`}>
      {data !== null && <StaleNotice what={`Circuit ${name}`} error={error} onRetry={reload} />}
      {data !== null ? (
        <Content description={data} circuit={circuit} onChange={reload} />
      ) : (
        error !== null && <AnswerError what={`Circuit ${name}`} error={error} onRetry={reload} />
      )}
    </Page>
  );
}

interface ContentProps {
  description: CircuitDescription;
  /** The circuit in the overview; undefined in the moment after it was removed. */
  circuit: Circuit | undefined;
  onChange: () => void;
}

function Content({ description, circuit, onChange }: ContentProps) {
  const { name, places, flows, observations } = description;
  const navigate = useNavigate();
  const { maps } = useOverview();
  const time = useTimeRange();
  const outputs = observations.map(({ output }) => output).join('\n');
  const charts = useMemo(() => chartsOf(name, outputs.split('\n')), [name, outputs]);
  const hrefOf = (place: string): string | undefined => {
    const at = places.find((one) => one.name === place)?.at ?? null;
    return at === null ? undefined : maps.some((map) => map.name === at) ? addresses.map(at) : addresses.queue(at);
  };
  return (
    <>
      <div className="page-top">
        {circuit !== undefined && <PartNotice mark={markOf(circuit.state)} state={circuit.state} reason={circuit.detail} remedy={circuitRemedies[circuit.state]} />}
        {description.description !== '' && <p>{description.description}</p>}
        <p className="soft">{description.address}</p>
        {circuit !== undefined && <FigureList figures={figuresOf(circuit)} />}
      </div>
      <div className="panel-pair">
        <Panel id="graph" title="Graph">
          <CircuitDrawing name={name} places={places} flows={flows} hrefOf={hrefOf} onFollow={(href) => void navigate(href)} />
        </Panel>
        <div>
          {circuit !== undefined && circuit.serviceLevels.length > 0 && <ServiceLevels levels={circuit.serviceLevels} />}
          <Observations circuit={name} observations={observations} onChange={onChange} />
        </div>
      </div>
      <Traces circuit={name} outputs={observations.map(({ output }) => output)} />
      <HistoryCharts prefix={name} charts={charts} time={time} />
    </>
  );
}

/** Each output is a pipeline, which reads the input. */
function chartsOf(name: string, outputs: readonly string[]): ChartSpec[] {
  const ofOutputs = (measure: string) => outputs.map((output) => ({ name: `pipeline/${name}.${output}/${measure}`, label: output }));
  return [
    { title: 'Latency', series: ['p50', 'p99'].map((measure) => ({ name: `circuit/${name}/${measure}`, label: measure })) },
    { title: 'Messages read', series: ofOutputs('rate') },
    { title: 'Unread log', series: ofOutputs('lag') },
  ];
}

function figuresOf({ usage, failures }: Circuit) {
  return [
    { label: 'Operations', value: formatCount(usage.operations) },
    { label: 'CPU', value: formatSeconds(usage.cpuNanos / 1e9) },
    { label: 'Memory', value: formatBytes(usage.memoryBytes) },
    { label: 'Storage', value: formatBytes(usage.storageBytes) },
    { label: 'In', value: formatBytes(usage.ingressBytes) },
    { label: 'Out', value: formatBytes(usage.egressBytes) },
    ...(usage.proofs > 0 ? [{ label: 'Proofs', value: formatCount(usage.proofs) }] : []),
    { label: 'Failures', value: formatCount(failures), warn: failures > 0 },
  ];
}
