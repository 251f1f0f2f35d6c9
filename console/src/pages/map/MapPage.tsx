import { useCallback, useMemo, useState } from 'react';
import { Link, useParams } from 'react-router';
import { Page } from '../../app/Page';
import { addresses } from '../../app/addresses';
import { fetchMap, longestKeyOf, type Entry, type MapInfo } from '../../api/maps';
import { useFieldHints } from '../../components/messages/useFieldHints';
import { EmptyState } from '../../components/page/EmptyState';
import { SearchField } from '../../components/page/SearchField';
import { RoleButton } from '../../components/parts/RoleButton';
import { DataTable } from '../../components/table/DataTable';
import { useIsLive, useOverview } from '../../live/LiveContext';
import { useFetch } from '../../live/useFetch';
import { formatCount } from '../../format/number';
import { useUrlState } from '../../state/useUrlState';
import { EntryDialog } from '../entry/EntryDialog';
import { EntryView } from '../entry/EntryView';
import { entryColumns } from './entryColumns';
import { MapFacts } from './MapFacts';
import { useEntries } from './useEntries';

const pollMs = 2000;

/** One map: its entries by key prefix, watched while the page is open. */
export default function MapPage() {
  const { name = '' } = useParams();
  const live = useIsLive();
  const [prefix, setPrefix] = useUrlState('prefix');
  const [watchText, setWatch] = useUrlState('watch');
  const [adding, setAdding] = useState(false);
  const quarantined = useOverview().quarantined.find((part) => part.kind === 'map' && part.name === name);
  const info = useFetch(useCallback((signal: AbortSignal) => fetchMap(name, signal), [name]), { everyMs: pollMs, active: live }).data;
  const watch = watchText !== '0';
  const list = useEntries(name, prefix, watch, live);

  return (
    <Page
      title={name}
      layout="fill"
      note={info?.schema}
      tools={
        info?.writable === true && (
          <RoleButton role="operator" acceptsScopes onClick={() => setAdding(true)}>
            Put an entry
          </RoleButton>
        )
      }
    >
      {list.exists ? (
        <>
          {info !== null && <MapFacts map={info} />}
          <EntryTable
            name={name}
            info={info}
            prefix={prefix}
            list={list}
            tools={
              <>
                <SearchField label="Keys that start with" placeholder={`${info?.key || 'key'} starts with…`} longest={longestKeyOf(info?.owner ?? 'client')} value={prefix} onValue={setPrefix} />
                <button type="button" className="button button-pause" data-paused={watch ? undefined : ''} onClick={() => setWatch(watch ? '0' : '')}>
                  {watch ? 'Pause' : 'Watch'}
                </button>
              </>
            }
          />
        </>
      ) : quarantined !== undefined ? (
        <EmptyState title={`Map ${name} is in quarantine.`}>{quarantined.reason}</EmptyState>
      ) : (
        <EmptyState title={`There is no map ${name}.`}>
          The map may have been removed. <Link to={addresses.maps}>All maps</Link>
        </EmptyState>
      )}
      {adding && <EntryDialog map={name} schema={info?.schema ?? ''} entry={null} onClose={() => setAdding(false)} onChanged={list.reload} />}
    </Page>
  );
}

interface TableProps {
  name: string;
  info: MapInfo | null;
  prefix: string;
  list: ReturnType<typeof useEntries>;
  tools: React.ReactNode;
}

function EntryTable({ name, info, prefix, list, tools }: TableProps) {
  const { entries, total, error, more, reload } = list;
  const hints = useFieldHints(info?.schema ?? '', useMemo(() => (entries ?? []).slice(0, 20).flatMap(({ message }) => (message === null ? [] : [message])), [entries]));
  const keyField = info?.key ?? '';
  const isPlain = entries !== null && entries.every(({ message }) => message === null);
  const isComplete = entries !== null && more === undefined;
  const columns = useMemo(() => entryColumns(hints, keyField, isPlain, isComplete), [hints, keyField, isPlain, isComplete]);
  return (
    <DataTable<Entry>
      name={`map.${name}`}
      label={`Entries of ${name}`}
      columns={columns}
      rows={entries}
      rowId={({ key, keyBytes }) => keyBytes ?? key}
      detailOf={(entry) => <EntryView map={name} source={info} entry={entry} actions={entry.keyBytes === null && <Link to={addresses.entry(name, entry.key)}>Open as a page</Link>} />}
      tools={tools}
      onEnd={more}
      error={error}
      onRetry={reload}
      empty={
        prefix === '' ? (
          <EmptyState title="The map is empty.">{info?.owner === 'client' ? 'Clients put its entries.' : `Each key appears after its first message in ${info?.source ?? 'its source'}.`}</EmptyState>
        ) : (
          <EmptyState title={`No ${keyField || 'key'} starts with “${prefix}”.`} />
        )
      }
      {...(entries !== null && entries.length > 0 && { foot: `${formatCount(entries.length)} of ${formatCount(Math.max(total, entries.length))} shown${more === undefined ? '' : '; scroll for more, or search'}` })}
      fill
    />
  );
}
