import { useState, type RefObject } from 'react';
import { useNavigate } from 'react-router';
import { addresses } from '../../app/addresses';
import { Popover } from '../../components/page/Popover';
import { announce } from '../../state/announcer';
import { useWhyNot } from '../../state/SessionContext';
import { parametersOf } from '../../state/timeRange';
import type { TimeState } from '../../state/useTimeRange';
import type { Dashboard } from '../types';
import { DeleteDialog } from './DeleteDialog';
import { download } from './download';
import { NameDialog } from './NameDialog';
import type { DashboardKind, DashboardSource } from './source';
import type { Dashboards } from './useDashboards';

interface Props {
  source: DashboardSource;
  dashboard: Dashboard;
  etag: string;
  time: TimeState;
  create: Dashboards['create'];
  /** The element that fills the screen. */
  box: RefObject<HTMLElement | null>;
}

/** What can be done with a whole dashboard besides editing it. */
export function DashboardMenu({ source, dashboard, etag, time, create, box }: Props) {
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<'copy' | 'delete' | null>(null);
  const [copyTo, setCopyTo] = useState<DashboardKind>(source.kind);
  const whyNotChange = useWhyNot('operator');
  const whyNotDelete = source.kind === 'shared' ? whyNotChange : '';
  const other: DashboardKind = source.kind === 'shared' ? 'private' : 'shared';

  const share = async () => {
    try {
      await navigator.clipboard.writeText(linkOf(source, time));
      announce('Link copied. It contains the time range.');
    } catch {
      announce('The browser blocked access to the clipboard');
    }
  };
  const copy = (kind: DashboardKind) => {
    setCopyTo(kind);
    setDialog('copy');
  };

  return (
    <>
      {document.fullscreenEnabled && (
        <button type="button" className="button" onClick={() => void box.current?.requestFullscreen()}>
          Full screen
        </button>
      )}
      <button type="button" className="button" title={source.kind === 'private' ? 'Only this browser has the dashboard. Copy it to shared for others.' : 'Copies the address with the time range'} onClick={() => void share()}>
        Copy link
      </button>
      <Popover label="More">
        {(close) => {
          const then = (act: () => void) => () => {
            close();
            act();
          };
          return (
            <div className="menu">
              <MenuButton label="Duplicate" whyNot={source.kind === 'shared' ? whyNotChange : ''} onClick={then(() => copy(source.kind))} />
              <MenuButton label={`Copy to ${other}`} whyNot={other === 'shared' ? whyNotChange : ''} onClick={then(() => copy(other))} />
              <MenuButton label="Export" whyNot="" onClick={then(() => download(source.name, dashboard))} />
              <MenuButton label="Delete" whyNot={whyNotDelete} onClick={then(() => setDialog('delete'))} />
            </div>
          );
        }}
      </Popover>
      {dialog === 'copy' && (
        <NameDialog
          heading={`Copy ${dashboard.title}`}
          action="Copy"
          title={copyTo === source.kind ? `${dashboard.title} copy` : dashboard.title}
          kind={copyTo}
          onClose={() => setDialog(null)}
          onName={async (title, kind) => {
            const address = await create(kind, { ...dashboard, title });
            announce(`Dashboard ${title} created`);
            void navigate(address);
          }}
        />
      )}
      {dialog === 'delete' && (
        <DeleteDialog
          title={dashboard.title}
          kind={source.kind}
          onClose={() => setDialog(null)}
          onDelete={async () => {
            await source.remove(etag);
            announce(`Dashboard ${dashboard.title} deleted`);
            void navigate(addresses.dashboards);
          }}
        />
      )}
    </>
  );
}

function MenuButton({ label, whyNot, onClick }: { label: string; whyNot: string; onClick: () => void }) {
  return (
    <button type="button" className="menu-item" disabled={whyNot !== ''} title={whyNot || undefined} onClick={onClick}>
      {label}
    </button>
  );
}

/** The address of a dashboard with the time range, also where the range is the usual one. */
function linkOf({ address }: DashboardSource, { range }: TimeState): string {
  const parameters = new URLSearchParams(Object.entries(parametersOf(range, '')).filter(([, value]) => value !== ''));
  return `${location.origin}${address}?${parameters.toString()}`;
}
