import { lazy, memo, Suspense, use, useMemo } from 'react';
import type { JsonObject } from '../../api/json';
import { EmptyState } from '../../components/page/EmptyState';
import { SessionContext } from '../../state/SessionContext';
import { isBuiltin } from '../registry';
import type { BuiltinWidget, DashboardTime, InstalledWidget, RefusedComponent } from '../types';
import { whyNotShown } from '../whyNotShown';
import { withDefaults } from './configForm';
import { WidgetBoundary } from './WidgetBoundary';

const WidgetFrame = lazy(async () => ({ default: (await import('../frame/WidgetFrame')).WidgetFrame }));

interface Props {
  /** The id of the widget, for a widget that is not known. */
  id: string;
  /** Null if the widget is neither built in nor installed. */
  widget: BuiltinWidget | InstalledWidget | null;
  /** Why the host does not serve the widget; null if it does. */
  refused: RefusedComponent | null;
  /** Whether the catalogue of installed widgets is not loaded yet. */
  isAwaited: boolean;
  instance: string;
  /** The title on the dashboard. */
  title: string;
  config: JsonObject;
  time: DashboardTime;
  onConfigChange: (instance: string, config: JsonObject) => void;
}

/** A widget, or why it cannot be shown. */
export const WidgetContent = memo(function WidgetContent({ id, widget, refused, isAwaited, instance, title, config, time, onConfigChange }: Props) {
  const session = use(SessionContext);
  const settings = useMemo(() => withDefaults(widget?.configSchema ?? null, config), [widget, config]);
  if (widget === null) {
    return refused !== null ? (
      <EmptyState title={`${id} ${refused.version} is refused.`}>{refused.reason}</EmptyState>
    ) : isAwaited ? (
      <p className="widget-waiting soft">Loading…</p>
    ) : (
      <EmptyState title={`${id} is not installed.`}>
        Install it with <code>estream marketplace install {id}</code>, or remove it from the dashboard.
      </EmptyState>
    );
  }
  const whyNot = whyNotShown(session, widget.requiredRoles);
  if (whyNot !== '') {
    return <EmptyState title="You may not see this widget.">{whyNot}</EmptyState>;
  }
  return (
    <WidgetBoundary>
      <Suspense fallback={<p className="widget-waiting soft">Loading…</p>}>
        {isBuiltin(widget) ? (
          <widget.Component config={settings} time={time} />
        ) : (
          <WidgetFrame widget={widget} instance={instance} title={title} config={settings} collapsed={false} onConfigChange={(next) => onConfigChange(instance, next)} />
        )}
      </Suspense>
    </WidgetBoundary>
  );
});
