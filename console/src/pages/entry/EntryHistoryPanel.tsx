import { useCallback, useMemo } from 'react';
import { addresses } from '../../app/addresses';
import { fetchEntryHistory, type MapInfo } from '../../api/maps';
import type { Message } from '../../api/types';
import { useFieldHints } from '../../components/messages/useFieldHints';
import { EmptyState } from '../../components/page/EmptyState';
import { Panel } from '../../components/page/Panel';
import { DataTable } from '../../components/table/DataTable';
import { useFetch } from '../../live/useFetch';
import { messageColumns } from '../queue/messages/messageColumns';

/** The messages of the source queue that set an entry. */
export function EntryHistoryPanel({ map, entryKey }: { map: MapInfo; entryKey: string }) {
  const { name, source, schema } = map;
  const load = useCallback((signal: AbortSignal) => fetchEntryHistory(name, entryKey, source, signal), [name, entryKey, source]);
  const { data, error, reload } = useFetch(load);
  const hints = useFieldHints(schema, useMemo(() => (data?.messages ?? []).map(({ message }) => message), [data]));
  const columns = useMemo(() => messageColumns(hints, false), [hints]);
  return (
    <Panel
      id="entry-history"
      title="History"
      note={data === null ? undefined : data.complete ? 'newest first' : 'newest first; the host searched only a part of the queue'}
      tools={
        <button type="button" className="button" onClick={reload}>
          Read again
        </button>
      }
    >
      <DataTable<Message>
        name={`messages.${schema}`}
        label={`Messages that set ${entryKey}`}
        columns={columns}
        rows={data?.messages ?? null}
        rowId={({ sequence }) => sequence.toString()}
        linkOf={({ sequence }) => addresses.message(source, sequence)}
        empty={<EmptyState title="No message that set the entry was found.">Retention may have deleted the messages.</EmptyState>}
        error={error}
        onRetry={reload}
      />
    </Panel>
  );
}
