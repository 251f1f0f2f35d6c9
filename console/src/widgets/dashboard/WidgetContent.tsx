import { memo, Suspense, use, useMemo } from 'react';
import type { JsonObject } from '../../api/json';
import { EmptyState } from '../../components/page/EmptyState';
import { SessionContext } from '../../state/SessionContext';
import { InstalledWidgetView } from '../InstalledWidgetView';
import { builtinWidgets } from '../builtin';
import type { BuiltinWidget, DashboardTime, WidgetCatalogue } from '../types';
import { whyNotShown } from '../whyNotShown';
import { withDefaults } from './configForm';
import { WidgetBoundary } from './WidgetBoundary';

interface Props {
  /** The id of the widget, which may be neither built in nor installed. */
  id: string;
  catalogue: WidgetCatalogue | null;
  /** Why the catalogue could not be read; null if it could. */
  catalogueError: Error | null;
  onRetry: () => void;
  instance: string;
  /** The title on the dashboard; null for the title of the widget. */
  title: string | null;
  config: JsonObject;
  /** Whether only a strip is visible. A built-in widget then asks for nothing; a frame runs on. */
  collapsed: boolean;
  time: DashboardTime;
  onConfigChange: (instance: string, config: JsonObject) => void;
}

/** A widget, or why it cannot be shown. */
export const WidgetContent = memo(function WidgetContent({ id, catalogue, catalogueError, onRetry, instance, title, config, collapsed, time, onConfigChange }: Props) {
  const builtin = builtinWidgets.find((one) => one.id === id);
  return (
    <WidgetBoundary>
      {builtin !== undefined ? (
        !collapsed && <BuiltinContent widget={builtin} config={config} time={time} />
      ) : (
        <InstalledWidgetView
          id={id}
          catalogue={catalogue}
          error={catalogueError}
          onRetry={onRetry}
          title={title}
          config={config}
          collapsed={collapsed}
          time={time}
          onConfigChange={(next) => onConfigChange(instance, next)}
        />
      )}
    </WidgetBoundary>
  );
});

function BuiltinContent({ widget, config, time }: { widget: BuiltinWidget; config: JsonObject; time: DashboardTime }) {
  const session = use(SessionContext);
  const settings = useMemo(() => withDefaults(widget.configSchema, config), [widget, config]);
  const whyNot = whyNotShown(session, widget.requiredRoles);
  return whyNot === '' ? (
    <Suspense fallback={<p className="widget-waiting soft">Loading…</p>}>
      <widget.Component config={settings} time={time} />
    </Suspense>
  ) : (
    <EmptyState title="You may not see this widget.">{whyNot}</EmptyState>
  );
}
