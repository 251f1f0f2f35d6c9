import { useCallback, useRef, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { addresses } from '../../app/addresses';
import { Page } from '../../app/Page';
import { PageLoading } from '../../app/PageLoading';
import { RangePicker } from '../../components/charts/RangePicker';
import { AnswerError } from '../../components/page/AnswerError';
import { EmptyState } from '../../components/page/EmptyState';
import { RoleButton } from '../../components/parts/RoleButton';
import { announce } from '../../state/announcer';
import { useTimeRange } from '../../state/useTimeRange';
import { findWidget } from '../registry';
import type { Dashboard, PlacedWidget, WidgetInfo } from '../types';
import { useWidgetCatalogue } from '../useWidgetCatalogue';
import { WidgetPicker } from '../picker/WidgetPicker';
import { ConfigDialog } from './ConfigDialog';
import { ConflictDialog } from './ConflictDialog';
import { DashboardGrid } from './DashboardGrid';
import { DashboardMenu } from './DashboardMenu';
import { placeText } from './layout';
import { LeaveDialog } from './LeaveDialog';
import { decodeDraft, longestTitle, mostWidgets, withWidget } from './model';
import type { DashboardSource } from './source';
import { useDashboard } from './useDashboard';
import { useDashboards } from './useDashboards';
import { useDashboardTime } from './useDashboardTime';
import { useLeaveGuard } from './useLeaveGuard';
import './dashboard.css';

const noWidgets: readonly PlacedWidget[] = [];

/** The page of one dashboard: its widgets, the time range of all of them, and its editing. */
export function DashboardView({ source }: { source: DashboardSource }) {
  const navigate = useNavigate();
  const { state: passed } = useLocation();
  const [isNew] = useState(() => decodeDraft(passed));
  const state = useDashboard(source, isNew);
  const { dashboard, isEditing, conflict } = state;
  const time = useTimeRange();
  const dashboardTime = useDashboardTime(time);
  const catalogue = useWidgetCatalogue();
  const { create } = useDashboards();
  const [dialog, setDialog] = useState<'picker' | { configure: string } | null>(null);
  /** Settings that widgets have stored themselves while the dashboard is not edited. */
  const [configs, setConfigs] = useState<ReadonlyMap<string, PlacedWidget['config']>>(new Map());
  const guard = useLeaveGuard(state.isDirty);
  const box = useRef<HTMLDivElement>(null);

  const { change } = state;
  const onWidgets = useCallback((widgets: readonly PlacedWidget[]) => dashboard !== null && change({ ...dashboard, widgets }), [dashboard, change]);
  const onConfigChange = useCallback(
    (id: string, config: PlacedWidget['config']) => {
      if (isEditing && dashboard !== null) {
        change({ ...dashboard, widgets: dashboard.widgets.map((one) => (one.id === id ? { ...one, config } : one)) });
      } else {
        setConfigs((before) => new Map(before).set(id, config));
      }
    },
    [isEditing, dashboard, change],
  );

  const edit = () => {
    setConfigs(new Map());
    state.edit();
    announce('Editing. Tab goes from widget to widget.');
    focusWidget(box.current, dashboard?.widgets[0]?.id ?? null);
  };
  const done = async (over?: string | null) => {
    if (!(await state.done(over))) {
      return;
    }
    focusWidget(box.current, null);
    if (passed !== null) {
      // A reload must not begin the new dashboard again.
      guard.allow();
      void navigate({ pathname: source.address, search: location.search }, { replace: true, state: null });
    }
  };
  const cancel = () => {
    setDialog(null);
    if (isNew !== null && state.etag === null) {
      guard.allow();
      void navigate(addresses.dashboards);
      return;
    }
    state.cancel();
    focusWidget(box.current, null);
  };
  const add = (info: WidgetInfo) => {
    if (dashboard === null) {
      return;
    }
    const { widgets, id } = withWidget(dashboard.widgets, info);
    change({ ...dashboard, widgets });
    setDialog(null);
    announce(`${info.title} added at ${placeText(widgets.at(-1)!)}`);
    focusWidget(box.current, id);
  };
  const remove = (id: string) => {
    if (dashboard === null) {
      return;
    }
    const index = dashboard.widgets.findIndex((one) => one.id === id);
    const removed = dashboard.widgets[index]!;
    const neighbour = dashboard.widgets[index + 1] ?? dashboard.widgets[index - 1];
    change({ ...dashboard, widgets: dashboard.widgets.filter((one) => one.id !== id) });
    announce(`${removed.title ?? findWidget(removed.widget, catalogue.data)?.title ?? removed.widget} removed`);
    focusWidget(box.current, neighbour?.id ?? null);
  };
  const keepPrivate = async () => {
    if (dashboard !== null) {
      const address = await create('private', dashboard);
      guard.allow();
      void navigate(address);
    }
  };
  const showOther = () => {
    if (conflict?.etag === null) {
      guard.allow();
      void navigate(addresses.dashboards);
    } else {
      state.cancel();
      state.reload();
    }
  };

  const widgets = dashboard === null ? noWidgets : isEditing || configs.size === 0 ? dashboard.widgets : dashboard.widgets.map((one) => (configs.has(one.id) ? { ...one, config: configs.get(one.id)! } : one));
  const configured = typeof dialog === 'object' && dialog !== null ? widgets.find(({ id }) => id === dialog.configure) : undefined;

  return (
    <Page
      title={dashboard === null ? source.name : dashboard.title || 'Untitled'}
      note={source.kind === 'private' ? 'Private, in this browser' : undefined}
      tools={
        dashboard !== null && (
          <>
            <RangePicker time={time} />
            {isEditing ? (
              <>
                <button type="button" className="button" disabled={widgets.length >= mostWidgets} onClick={() => setDialog('picker')}>
                  Add widget
                </button>
                <button type="button" className="button" onClick={cancel}>
                  Cancel
                </button>
                <DoneButton kind={source.kind} isBusy={state.isSaving} onDone={() => void done()} />
              </>
            ) : (
              <>
                <DashboardMenu source={source} dashboard={dashboard} etag={state.etag ?? ''} time={time} create={create} box={box} />
                {source.kind === 'shared' ? (
                  <RoleButton role="operator" onClick={edit}>
                    Edit
                  </RoleButton>
                ) : (
                  <button type="button" className="button" onClick={edit}>
                    Edit
                  </button>
                )}
              </>
            )}
          </>
        )
      }
    >
      {dashboard === null ? (
        state.error !== null ? <AnswerError what={`The dashboard ${source.name}`} error={state.error} onRetry={state.reload} /> : <PageLoading />
      ) : (
        <div ref={box} className="dashboard">
          <div className="dashboard-full-head">
            <p className="dashboard-full-title">{dashboard.title}</p>
            <button type="button" className="button button-small" onClick={() => void document.exitFullscreen()}>
              Leave full screen
            </button>
          </div>
          {isEditing && <TitleField dashboard={dashboard} onTitle={(title) => change({ ...dashboard, title })} />}
          {state.failure !== '' && (
            <p className="failure dashboard-failure" role="alert">
              {state.failure}
            </p>
          )}
          {widgets.length === 0 ? (
            <EmptyState title="This dashboard has no widget.">
              {isEditing ? (
                <button type="button" className="button button-primary" onClick={() => setDialog('picker')}>
                  Add widget
                </button>
              ) : (
                'Choose Edit to add the first widget.'
              )}
            </EmptyState>
          ) : (
            <DashboardGrid
              widgets={widgets}
              catalogue={catalogue.data}
              catalogueError={catalogue.error}
              onRetry={catalogue.reload}
              time={dashboardTime}
              isEditing={isEditing}
              onWidgets={onWidgets}
              onConfigure={(id) => setDialog({ configure: id })}
              onRemove={remove}
              onConfigChange={onConfigChange}
            />
          )}
          {dialog === 'picker' && <WidgetPicker catalogue={catalogue} onAdd={add} onClose={() => setDialog(null)} />}
          {configured !== undefined && <ConfigDialog key={configured.id} placed={configured} widgets={widgets} catalogue={catalogue.data} onClose={() => setDialog(null)} onWidgets={onWidgets} />}
          {conflict !== undefined && (
            <ConflictDialog
              title={dashboard.title}
              kind={source.kind}
              etag={conflict.etag}
              onClose={state.keepEditing}
              onOverwrite={() => void done(conflict.etag)}
              onDiscard={showOther}
              onKeepPrivate={keepPrivate}
            />
          )}
          {guard.waiting !== null && (
            <LeaveDialog
              title={dashboard.title}
              onStay={guard.stay}
              onLeave={() => {
                guard.allow();
                guard.waiting?.go();
              }}
            />
          )}
        </div>
      )}
    </Page>
  );
}

function TitleField({ dashboard, onTitle }: { dashboard: Dashboard; onTitle: (title: string) => void }) {
  return (
    <label className="dashboard-title">
      Title
      <input type="text" value={dashboard.title} maxLength={longestTitle} required autoComplete="off" onChange={({ target }) => onTitle(target.value)} />
    </label>
  );
}

/** Saves once. The button of a shared dashboard needs the role operator. */
function DoneButton({ kind, isBusy, onDone }: { kind: DashboardSource['kind']; isBusy: boolean; onDone: () => void }) {
  return kind === 'shared' ? (
    <RoleButton role="operator" disabled={isBusy} isPrimary onClick={onDone}>
      Done
    </RoleButton>
  ) : (
    <button type="button" className="button button-primary" disabled={isBusy} onClick={onDone}>
      Done
    </button>
  );
}

/** Moves the focus to a card after the next drawing, or to the page if the card does not exist. */
function focusWidget(box: HTMLElement | null, id: string | null): void {
  // The grid draws a new card after it has measured itself, and a dialog returns the focus when it closes.
  setTimeout(() => {
    const card = id === null ? null : box?.querySelector<HTMLElement>(`[data-widget="${CSS.escape(id)}"]`);
    (card ?? box?.closest('main')?.querySelector('h1'))?.focus();
    card?.scrollIntoView({ block: 'nearest' });
  }, 50);
}
