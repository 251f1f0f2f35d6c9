import { useState } from 'react';
import { DashboardConflict } from '../api/dashboards';
import { failureText } from '../../api/http';
import { Dialog } from '../../components/page/Dialog';
import type { DashboardKind } from './source';

interface Props {
  title: string;
  kind: DashboardKind;
  onClose: () => void;
  onDelete: () => Promise<void>;
}

/** Asks before a dashboard is deleted. */
export function DeleteDialog({ title, kind, onClose, onDelete }: Props) {
  const [failure, setFailure] = useState('');
  const confirm = async () => {
    try {
      await onDelete();
    } catch (cause) {
      setFailure(cause instanceof DashboardConflict ? `${cause.message} Close this dialog to see the present version.` : failureText(cause));
    }
  };
  return (
    <Dialog
      title={`Delete ${title}?`}
      onClose={onClose}
      actions={
        <>
          <button type="button" className="button" data-autofocus onClick={onClose}>
            Cancel
          </button>
          <button type="button" className="button button-danger" onClick={() => void confirm()}>
            Delete
          </button>
        </>
      }
    >
      <p>{kind === 'shared' ? 'The dashboard is deleted for all users of this host.' : 'The dashboard is deleted from this browser, which has the only copy.'} Its data stays.</p>
      {failure !== '' && (
        <p className="failure" role="alert">
          {failure}
        </p>
      )}
    </Dialog>
  );
}
