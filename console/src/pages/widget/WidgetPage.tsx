import { useState } from 'react';
import { useParams } from 'react-router';
import type { JsonObject } from '../../api/json';
import { Page } from '../../app/Page';
import { RangePicker } from '../../components/charts/RangePicker';
import '../../styles/widgets.css';
import { useTimeRange } from '../../state/useTimeRange';
import { useDashboardTime } from '../../widgets/dashboard/useDashboardTime';
import { InstalledWidgetView } from '../../widgets/InstalledWidgetView';
import { useWidgetCatalogue } from '../../widgets/useWidgetCatalogue';
import { WidgetFacts } from './WidgetFacts';

const noConfig: JsonObject = {};

/** One widget of a component, as large as the page, and what is known about its origin. The settings last until the page is closed. */
export default function WidgetPage() {
  const { scope = '', name = '' } = useParams();
  const id = `${scope}/${name}`;
  const { data, error, reload } = useWidgetCatalogue();
  const [configs, setConfigs] = useState<Readonly<Record<string, JsonObject>>>({});
  const range = useTimeRange();
  const time = useDashboardTime(range);
  const widget = data?.widgets.find((one) => one.id === id);
  return (
    <Page title={widget?.title ?? id} note={widget?.description} layout="fill" tools={<RangePicker time={range} />}>
      {widget !== undefined && <WidgetFacts widget={widget} />}
      <div className="widget-page">
        <InstalledWidgetView key={id} id={id} catalogue={data} error={error} onRetry={reload} config={configs[id] ?? noConfig} time={time} onConfigChange={(config) => setConfigs({ ...configs, [id]: config })} />
      </div>
    </Page>
  );
}
