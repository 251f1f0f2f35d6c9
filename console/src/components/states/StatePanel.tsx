import { useCallback } from 'react';
import { fetchMapPage } from '../../api/client';
import type { StateMap } from '../../api/types';
import { formatCount, formatRate } from '../../format/number';
import { usePolled } from '../../live/usePolled';
import { useUrlState } from '../../state/useUrlState';
import { EmptyState } from '../page/EmptyState';
import { Panel } from '../page/Panel';
import { SearchField } from '../page/SearchField';
import { StateTable } from './StateTable';

const mapPollMs = 1000;
/** The maximum key length of a map in bytes; a longer search cannot match. */
const longestKey = 64;

interface Props {
  map: StateMap;
  live: boolean;
}

/** The latest message of every key of one map, searchable by key prefix. */
export function StatePanel({ map, live }: Props) {
  const [search, setSearch] = useUrlState('prefix');
  return (
    <Panel
      id="state"
      title="Entries"
      note={`by ${map.key}`}
      tools={<SearchField label={`${map.key} starts with`} placeholder={`${map.key} starts with…`} longest={longestKey} value={search} onValue={setSearch} />}
    >
      <MapPageView key={map.name} map={map} search={search} live={live} />
    </Panel>
  );
}

function MapPageView({ map, search, live }: { map: StateMap; search: string; live: boolean }) {
  const load = useCallback(
    async (signal: AbortSignal) => ({ search, ...(await fetchMapPage(map.name, search, signal)) }),
    [map.name, search],
  );
  const { data, error } = usePolled(load, mapPollMs, live);
  if (error !== null && live) {
    return <EmptyState title="The map could not be read.">{error}</EmptyState>;
  }
  if (data === null) {
    return <EmptyState title={live ? 'Reading the map…' : 'The map was not read yet.'} />;
  }
  if (data.entries.length === 0) {
    return data.search === '' ? (
      <EmptyState title="The map is empty.">
        Each device appears here after its first message. <code>./estream feed</code> simulates a thousand.
      </EmptyState>
    ) : (
      <EmptyState title={`No ${map.key} starts with “${data.search}”.`} />
    );
  }
  return (
    <>
      <StateTable map={map} entries={data.entries} live={live} />
      <p className="panel-foot">
        {formatCount(data.entries.length)} of {formatCount(Math.max(data.total, data.entries.length))} shown
        {data.total > data.entries.length && '; search to narrow the list'}
        <span className="panel-foot-end">
          {map.schema}, {formatRate(map.ratePerSecond)} puts/s
        </span>
      </p>
    </>
  );
}
