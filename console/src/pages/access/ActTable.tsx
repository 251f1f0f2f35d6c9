import { useCallback, useMemo } from 'react';
import { fetchActs, type AuditAct } from '../../api/access';
import { EmptyState } from '../../components/page/EmptyState';
import { Panel } from '../../components/page/Panel';
import { SearchField } from '../../components/page/SearchField';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { useIsLive } from '../../live/LiveContext';
import { useFetch } from '../../live/useFetch';
import { useUrlState } from '../../state/useUrlState';
import { actMatches } from './actMatches';

const shown = 500;
const pollMs = 5000;
const longestSearch = 200;

const columns: readonly Column<AuditAct>[] = [
  { id: 'at', title: 'When', kind: 'time', value: ({ at }) => at, show: 'always' },
  { id: 'actor', title: 'Who', value: ({ actor, role }) => (role === '' ? actor : `${actor} (${role})`), width: 'minmax(9rem, 14rem)' },
  { id: 'origin', title: 'From', value: ({ origin }) => origin, width: 'minmax(7rem, 10rem)' },
  { id: 'action', title: 'What', value: ({ action, target }) => `${action} ${target}`.trim(), width: 'minmax(14rem, 3fr)' },
  { id: 'outcome', title: 'Outcome', value: ({ outcome }) => outcome, width: '5.5rem' },
  { id: 'detail', title: 'Detail', value: ({ detail }) => detail, width: 'minmax(8rem, 2fr)' },
];

/** The newest administrative actions, newest first. */
export function ActTable() {
  const load = useCallback(async (signal: AbortSignal) => (await fetchActs(shown, signal)) ?? [], []);
  const { data, error, reload } = useFetch(load, { everyMs: pollMs, active: useIsLive() });
  const [search, setSearch] = useUrlState('search');
  const rows = useMemo(() => data?.toReversed().filter((act) => actMatches(act, search)) ?? null, [data, search]);
  return (
    <Panel id="audit" title="Audit" note={`the last ${shown} administrative actions, newest first`}>
      <DataTable
        name="audit"
        label="Administrative actions"
        columns={columns}
        rows={rows}
        rowId={({ sequence }) => String(sequence)}
        stateOf={({ outcome }) => (outcome === 'done' ? undefined : 'degraded')}
        error={error}
        onRetry={reload}
        tools={<SearchField label="Search actions" placeholder="Who, what, from where" longest={longestSearch} value={search} onValue={setSearch} />}
        empty={
          search !== '' ? (
            <EmptyState title={`No action matches “${search}”.`} />
          ) : (
            <EmptyState title="No administrative action is recorded.">
              The host records administrative actions unless <code>Estream:Audit</code> is false.
            </EmptyState>
          )
        }
      />
    </Panel>
  );
}
