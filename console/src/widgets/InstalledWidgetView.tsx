import { lazy, Suspense, use, useMemo } from 'react';
import type { JsonObject } from '../api/json';
import { AnswerError } from '../components/page/AnswerError';
import { EmptyState } from '../components/page/EmptyState';
import { SessionContext } from '../state/SessionContext';
import { withDefaults } from './dashboard/configForm';
import type { DashboardTime, WidgetCatalogue } from './types';
import { whyNotShown } from './whyNotShown';

const WidgetFrame = lazy(async () => ({ default: (await import('./frame/WidgetFrame')).WidgetFrame }));

interface Props {
  /** The name of the component. */
  id: string;
  /** Null before the first answer. */
  catalogue: WidgetCatalogue | null;
  /** Why the catalogue could not be read; null if it could. */
  error: Error | null;
  onRetry: () => void;
  /** The title of this placement; null for the title of the widget. */
  title?: string | null;
  /** The settings of this placement, without the defaults of the schema. */
  config: JsonObject;
  collapsed?: boolean;
  time: DashboardTime;
  onConfigChange: (config: JsonObject) => void;
}

/** A widget of the catalogue, or why there is none: a running widget whose release is revoked disappears with the next catalogue. */
export function InstalledWidgetView({ id, catalogue, error, onRetry, title = null, config, collapsed = false, time, onConfigChange }: Props) {
  const session = use(SessionContext);
  const widget = catalogue?.widgets.find((one) => one.id === id);
  const settings = useMemo(() => withDefaults(widget?.configSchema ?? null, config), [widget, config]);
  if (catalogue === null) {
    return error === null ? <Loading /> : <AnswerError what="The list of widgets" error={error} onRetry={onRetry} />;
  }
  if (widget !== undefined) {
    const reason = whyNotShown(session, widget.requiredRoles);
    return reason === '' ? (
      <Suspense fallback={<Loading />}>
        <WidgetFrame widget={widget} title={title ?? widget.title} config={settings} collapsed={collapsed} time={time} onConfigChange={onConfigChange} />
      </Suspense>
    ) : (
      <EmptyState title="You may not see this widget.">{reason}</EmptyState>
    );
  }
  const refused = catalogue.refused.find(({ name }) => name === id);
  return refused === undefined ? (
    <EmptyState title={`${id} is not installed.`}>
      Install the component with <code>estream marketplace install {id}</code>.
    </EmptyState>
  ) : (
    <EmptyState title={`The host does not serve ${id} ${refused.version}.`}>{refused.reason}</EmptyState>
  );
}

function Loading() {
  return (
    <p className="widget-waiting soft" role="status">
      Loading…
    </p>
  );
}
