import { useMemo } from 'react';
import { Link } from 'react-router';
import type { Pipeline } from '../../api/types';
import { addresses } from '../../app/addresses';
import { HistoryCharts } from '../../components/charts/HistoryCharts';
import { useTimeRange } from '../../state/useTimeRange';

/** The schemas and the history of a pipeline. */
export function PipelineDetail({ pipeline: { name, schema, resultSchema, lateTotal, droppedTotal } }: { pipeline: Pipeline }) {
  const time = useTimeRange();
  const charts = useMemo(
    () => [
      { title: 'Messages read', series: [{ name: `pipeline/${name}/rate`, label: 'read' }] },
      { title: 'Unread log', series: [{ name: `pipeline/${name}/lag`, label: 'lag' }] },
    ],
    [name],
  );
  return (
    <div className="pipeline-detail">
      <p className="soft">
        Makes <Link to={addresses.schema(resultSchema)}>{resultSchema}</Link> of <Link to={addresses.schema(schema)}>{schema}</Link>
        {lateTotal > 0 && <>, {lateTotal} late</>}
        {droppedTotal > 0 && <>, {droppedTotal} dropped</>}
      </p>
      <HistoryCharts prefix={`pipeline/${name}/`} charts={charts} time={time} />
    </div>
  );
}
