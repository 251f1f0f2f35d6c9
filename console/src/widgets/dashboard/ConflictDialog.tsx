import { useState } from 'react';
import { failureText } from '../../api/http';
import { Dialog } from '../../components/page/Dialog';
import type { DashboardKind } from './source';

interface Props {
  title: string;
  kind: DashboardKind;
  /** The version that another user or tab has saved; null if the dashboard was deleted. */
  etag: string | null;
  onClose: () => void;
  onOverwrite: () => void;
  onDiscard: () => void;
  /** Rejects if this browser does not store the dashboard. */
  onKeepPrivate: () => Promise<void>;
}

/** Reports that another user or tab has changed the dashboard since the editing began, and asks which version to keep. */
export function ConflictDialog({ title, kind, etag, onClose, onOverwrite, onDiscard, onKeepPrivate }: Props) {
  const isDeleted = etag === null;
  const [failure, setFailure] = useState('');
  const keepPrivate = () => onKeepPrivate().catch((cause: unknown) => setFailure(failureText(cause)));
  return (
    <Dialog
      title={isDeleted ? 'The dashboard was deleted' : 'The dashboard has changed'}
      onClose={onClose}
      actions={
        <>
          <button type="button" className="button button-danger" onClick={onDiscard}>
            {isDeleted ? 'Discard mine' : 'Show the other version'}
          </button>
          <button type="button" className="button button-danger" onClick={onOverwrite}>
            {isDeleted ? 'Save again' : 'Overwrite'}
          </button>
          {/* The only choice that discards no version. */}
          {kind === 'shared' && (
            <button type="button" className="button button-primary" data-autofocus onClick={() => void keepPrivate()}>
              Keep mine as private
            </button>
          )}
        </>
      }
    >
      <p>
        {isDeleted
          ? `Someone else has deleted ${title} since you began to edit it.`
          : kind === 'shared'
            ? `Another user has saved ${title} since you began to edit it.`
            : `Another tab of this browser has saved ${title} since you began to edit it.`}{' '}
        Your changes are not saved yet.
      </p>
      <ul className="plain-list soft">
        {!isDeleted && <li>Show the other version: your changes are lost.</li>}
        <li>{isDeleted ? 'Save again: the dashboard is created with your changes.' : 'Overwrite: the other version is lost.'}</li>
        {kind === 'shared' && <li>Keep mine as private: your version becomes a private dashboard in this browser.</li>}
      </ul>
      {failure !== '' && (
        <p className="failure" role="alert">
          {failure}
        </p>
      )}
    </Dialog>
  );
}
