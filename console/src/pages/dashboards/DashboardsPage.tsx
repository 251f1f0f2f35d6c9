import { useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import type { DashboardSummary } from '../../widgets/api/dashboards';
import { failureText } from '../../api/http';
import type { Overview } from '../../api/types';
import { Page } from '../../app/Page';
import { AnswerError } from '../../components/page/AnswerError';
import { EmptyState } from '../../components/page/EmptyState';
import { Panel } from '../../components/page/Panel';
import { useLive } from '../../live/LiveContext';
import { announce } from '../../state/announcer';
import { useWhyNot } from '../../state/SessionContext';
import { DeleteDialog } from '../../widgets/dashboard/DeleteDialog';
import { dashboardIn, download } from '../../widgets/dashboard/download';
import { NameDialog } from '../../widgets/dashboard/NameDialog';
import { privateSource, sharedSource, type DashboardKind } from '../../widgets/dashboard/source';
import { startedFrom, starters } from '../../widgets/dashboard/starters';
import { useDashboards, usePrivateDashboards } from '../../widgets/dashboard/useDashboards';
import type { Dashboard } from '../../widgets/types';
import '../../widgets/dashboard/dashboard.css';
import { DashboardRow } from './DashboardRow';
import { StarterCard } from './StarterCard';

type Act = 'rename' | 'copy' | 'delete';

interface Chosen {
  act: Act;
  kind: DashboardKind;
  name: string;
  dashboard: Dashboard;
  etag: string;
}

const pollMs = 5000;
const empty: Dashboard = { format: 1, title: '', widgets: [] };

/** The dashboards of the host and of this browser, and starting points for new ones. */
export default function DashboardsPage() {
  const navigate = useNavigate();
  const live = useLive();
  const dashboards = useDashboards(pollMs);
  const store = usePrivateDashboards();
  const whyNotShared = useWhyNot('operator');
  /** The dashboard that a new one begins with. */
  const [begun, setBegun] = useState<Dashboard | null>(null);
  const [imported, setImported] = useState<Dashboard | null>(null);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [failure, setFailure] = useState('');
  const file = useRef<HTMLInputElement>(null);
  const { shared, own, error, reload, create, freeAddress } = dashboards;
  const close = () => {
    setBegun(null);
    setImported(null);
    setChosen(null);
  };

  const sourceOf = (kind: DashboardKind, name: string) => (kind === 'shared' || store === null ? sharedSource(name) : privateSource(store, name));
  const act = async (kind: DashboardKind, { name }: DashboardSummary, what: Act | 'export') => {
    setFailure('');
    try {
      const { dashboard, etag } = await sourceOf(kind, name).load(AbortSignal.timeout(10_000));
      if (what === 'export') {
        download(name, dashboard);
      } else {
        setChosen({ act: what, kind, name, dashboard, etag });
      }
    } catch (cause) {
      setFailure(`${name}: ${failureText(cause)}`);
    }
  };
  const take = async (files: FileList | null) => {
    setFailure('');
    try {
      const [first] = files ?? [];
      setImported(first === undefined ? null : await dashboardIn(first));
    } catch (cause) {
      setFailure(failureText(cause));
    }
  };
  const finished = (text: string) => {
    announce(text);
    close();
    reload();
  };

  return (
    <Page
      title="Dashboards"
      tools={
        <>
          <button type="button" className="button" onClick={() => file.current?.click()}>
            Import
          </button>
          <input
            ref={file}
            type="file"
            accept="application/json,.json"
            hidden
            aria-label="File of a dashboard"
            onChange={({ target }) => {
              void take(target.files);
              target.value = '';
            }}
          />
          <button type="button" className="button button-primary" onClick={() => setBegun(empty)}>
            New dashboard
          </button>
        </>
      }
    >
      {failure !== '' && (
        <p className="failure dashboard-failure" role="alert">
          {failure}
        </p>
      )}
      <Panel id="shared" title="Shared" note="Stored in the host, for all its users">
        {shared === null ? (
          error !== null && <AnswerError what="The list of dashboards" error={error} onRetry={reload} />
        ) : shared.length === 0 ? (
          <EmptyState title="This host has no shared dashboard.">Start from one of the dashboards below, or from an empty one.</EmptyState>
        ) : (
          <ul className="dashboard-list">
            {shared.map((one) => (
              <DashboardRow key={one.name} kind="shared" summary={one} whyNotChange={whyNotShared} onAct={(what) => void act('shared', one, what)} />
            ))}
          </ul>
        )}
      </Panel>
      {own.length > 0 && (
        <Panel id="private" title="Private" note="Stored in this browser, for you alone">
          <ul className="dashboard-list">
            {own.map((one) => (
              <DashboardRow key={one.name} kind="private" summary={one} whyNotChange="" onAct={(what) => void act('private', one, what)} />
            ))}
          </ul>
        </Panel>
      )}
      <Panel id="starters" title="Start from">
        <ul className="starter-list">
          {starters.map((starter) => (
            <StarterCard key={starter.dashboard.title} starter={starter} onStart={() => setBegun(startedFrom(starter, queueNames(live.overview.get())))} />
          ))}
        </ul>
      </Panel>

      {begun !== null && (
        <NameDialog
          heading="New dashboard"
          action="Create"
          title={begun.title}
          kind="shared"
          onClose={close}
          onName={async (title, kind) => {
            // Nothing is stored before Done.
            void navigate(freeAddress(kind, title), { state: { draft: { ...begun, title } } });
          }}
        />
      )}
      {imported !== null && (
        <NameDialog
          heading="Import a dashboard"
          action="Import"
          title={imported.title}
          kind="shared"
          onClose={close}
          onName={async (title, kind) => {
            const address = await create(kind, { ...imported, title });
            announce(`Dashboard ${title} imported`);
            void navigate(address);
          }}
        />
      )}
      {chosen?.act === 'rename' && (
        <NameDialog
          heading={`Rename ${chosen.dashboard.title}`}
          action="Rename"
          title={chosen.dashboard.title}
          kind={null}
          onClose={close}
          onName={async (title) => {
            await sourceOf(chosen.kind, chosen.name).save({ ...chosen.dashboard, title }, chosen.etag);
            finished(`Dashboard renamed to ${title}`);
          }}
        />
      )}
      {chosen?.act === 'copy' && (
        <NameDialog
          heading={`Copy ${chosen.dashboard.title}`}
          action="Copy"
          title={`${chosen.dashboard.title} copy`}
          kind={chosen.kind}
          onClose={close}
          onName={async (title, kind) => {
            await create(kind, { ...chosen.dashboard, title });
            finished(`Dashboard ${title} created`);
          }}
        />
      )}
      {chosen?.act === 'delete' && (
        <DeleteDialog
          title={chosen.dashboard.title}
          kind={chosen.kind}
          onClose={close}
          onDelete={async () => {
            await sourceOf(chosen.kind, chosen.name).remove(chosen.etag);
            finished(`Dashboard ${chosen.dashboard.title} deleted`);
          }}
        />
      )}
    </Page>
  );
}

function queueNames(overview: Overview | null): string[] {
  return (overview?.queues ?? []).map(({ name }) => name);
}
