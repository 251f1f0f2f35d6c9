import { useCallback, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { Page } from '../../app/Page';
import { addresses } from '../../app/addresses';
import { failureText } from '../../api/http';
import { deleteEntry, fetchEntry, fetchMap, type Entry } from '../../api/maps';
import { AnswerError, StaleNotice } from '../../components/page/AnswerError';
import { Dialog } from '../../components/page/Dialog';
import { EmptyState } from '../../components/page/EmptyState';
import { RoleButton } from '../../components/parts/RoleButton';
import { useIsLive } from '../../live/LiveContext';
import { useFetch } from '../../live/useFetch';
import { shortenMiddle } from '../../format/shorten';
import { announce } from '../../state/announcer';
import { EntryDialog } from './EntryDialog';
import { EntryHistoryPanel } from './EntryHistoryPanel';
import { EntryView } from './EntryView';

const watchMs = 1000;
const longestTitle = 60;

/** One entry of a map, watched while the page is open, and the messages that set it. */
export default function EntryPage() {
  const { name = '', key = '' } = useParams();
  const live = useIsLive();
  const navigate = useNavigate();
  const [open, setOpen] = useState<'put' | 'delete' | null>(null);
  const { data, error, reload } = useFetch(useCallback((signal: AbortSignal) => fetchEntry(name, key, signal).then((entry) => ({ entry })), [name, key]), { everyMs: watchMs, active: live });
  const map = useFetch(useCallback((signal: AbortSignal) => fetchMap(name, signal), [name])).data;
  const entry = data?.entry ?? null;

  return (
    <Page
      title={shortenMiddle(key, longestTitle)}
      note={map?.schema}
      tools={
        map?.writable === true && (
          <>
            {entry?.isPartial !== true && (
              <RoleButton role="operator" acceptsScopes onClick={() => setOpen('put')}>
                {entry === null ? 'Put' : 'Change'}
              </RoleButton>
            )}
            {entry !== null && (
              <RoleButton role="operator" acceptsScopes onClick={() => setOpen('delete')}>
                Delete
              </RoleButton>
            )}
          </>
        )
      }
    >
      {entry !== null ? (
        <div className="panels entry-page">
          <StaleNotice what={`Entry ${key}`} error={error} onRetry={reload} />
          <EntryView map={name} source={map} entry={entry} />
          {map?.owner === 'queue' && <EntryHistoryPanel map={map} entryKey={key} />}
        </div>
      ) : error !== null ? (
        <AnswerError what={`Entry ${key}`} error={error} onRetry={reload} />
      ) : data === null ? (
        <p className="soft page-loading">Reading…</p>
      ) : (
        <EmptyState title={`Map ${name} has no entry ${key}.`}>
          The entry may have been removed or have expired. <Link to={addresses.map(name)}>Entries of {name}</Link>
        </EmptyState>
      )}
      {open === 'put' && <EntryDialog map={name} schema={map?.schema ?? ''} entry={entry} keyText={key} onClose={() => setOpen(null)} onChanged={reload} />}
      {open === 'delete' && entry !== null && <DeleteDialog map={name} entry={entry} onClose={() => setOpen(null)} onDeleted={() => void navigate(addresses.map(name))} />}
    </Page>
  );
}

function DeleteDialog({ map, entry, onClose, onDeleted }: { map: string; entry: Entry; onClose: () => void; onDeleted: () => void }) {
  const [failure, setFailure] = useState<string | null>(null);
  // The page reads the entry again behind the dialog.
  const [{ version }] = useState(entry);
  const remove = async () => {
    try {
      await deleteEntry(map, entry.key, version);
      announce(`Entry ${entry.key} deleted`);
      onDeleted();
    } catch (cause) {
      setFailure(failureText(cause));
    }
  };
  return (
    <Dialog
      title={`Delete ${shortenMiddle(entry.key, longestTitle)}?`}
      onClose={onClose}
      actions={
        <button type="button" className="button button-danger" onClick={() => void remove()}>
          Delete
        </button>
      }
    >
      <p>The entry leaves map {map} for every client. The host records the change in its audit trail.</p>
      {failure !== null && (
        <p className="failure" role="alert">
          {failure}
        </p>
      )}
    </Dialog>
  );
}
