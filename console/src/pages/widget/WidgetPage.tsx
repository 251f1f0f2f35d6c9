import { useState } from 'react';
import { useParams } from 'react-router';
import type { JsonObject } from '../../api/json';
import { Page } from '../../app/Page';
import { PageLoading } from '../../app/PageLoading';
import { AnswerError } from '../../components/page/AnswerError';
import '../../styles/widgets.css';
import { defaultsOf } from '../../widgets/configDefaults';
import { InstalledWidgetView } from '../../widgets/InstalledWidgetView';
import type { WidgetCatalogue } from '../../widgets/types';
import { useWidgetCatalogue } from '../../widgets/useWidgetCatalogue';
import { WidgetFacts } from './WidgetFacts';

/** One widget of a component, as large as the page, and its origin. */
export default function WidgetPage() {
  const { scope = '', name = '' } = useParams();
  const id = `${scope}/${name}`;
  const { data, error, reload } = useWidgetCatalogue();
  const widget = data?.widgets.find((one) => one.id === id);
  return (
    <Page title={widget?.title ?? id} note={widget?.description} layout="fill">
      {widget !== undefined && <WidgetFacts widget={widget} />}
      {data === null ? (
        error === null ? (
          <PageLoading />
        ) : (
          <AnswerError what="The widget" error={error} onRetry={reload} />
        )
      ) : (
        <Content key={id} id={id} catalogue={data} />
      )}
    </Page>
  );
}

/** The settings last until the page is closed. A dashboard stores those of its widgets. */
function Content({ id, catalogue }: { id: string; catalogue: WidgetCatalogue }) {
  const schema = catalogue.widgets.find((one) => one.id === id)?.configSchema ?? null;
  const [config, setConfig] = useState<JsonObject>(() => defaultsOf(schema));
  return (
    <div className="widget-page">
      <InstalledWidgetView id={id} catalogue={catalogue} instance="page" config={config} collapsed={false} onConfigChange={setConfig} />
    </div>
  );
}
