import { useState, type FormEvent } from 'react';
import { failureText } from '../../api/http';
import { DashboardConflict } from '../api/dashboards';
import { Dialog } from '../../components/page/Dialog';
import { useWhyNot } from '../../state/SessionContext';
import { longestTitle } from './model';
import type { DashboardKind } from './source';

interface Props {
  heading: string;
  action: string;
  title: string;
  /** The place that is selected at first; null for a dashboard whose place does not change. */
  kind: DashboardKind | null;
  onClose: () => void;
  /** Makes the change. An error is shown in the dialog. */
  onName: (title: string, kind: DashboardKind) => Promise<void>;
}

/** Asks for the title of a dashboard and where it is stored. */
export function NameDialog({ heading, action, title: initial, kind: initialKind, onClose, onName }: Props) {
  const whyNotShared = useWhyNot('operator');
  const [title, setTitle] = useState(initial);
  const [kind, setKind] = useState<DashboardKind>(initialKind === 'shared' && whyNotShared !== '' ? 'private' : (initialKind ?? 'shared'));
  const [failure, setFailure] = useState('');
  const [isBusy, setIsBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setIsBusy(true);
    setFailure('');
    try {
      await onName(title.trim(), kind);
    } catch (cause) {
      setFailure(cause instanceof DashboardConflict ? 'Another user or tab has changed the dashboards. Try again.' : failureText(cause));
      setIsBusy(false);
    }
  };

  return (
    <Dialog title={heading} onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <label className="form-field">
          Title
          <input type="text" required data-autofocus value={title} maxLength={longestTitle} autoComplete="off" onChange={(event) => setTitle(event.target.value)} />
        </label>
        {initialKind !== null && (
          <fieldset className="choice-list">
            <legend>Stored</legend>
            <label title={whyNotShared || undefined}>
              <input type="radio" name="kind" checked={kind === 'shared'} disabled={whyNotShared !== ''} onChange={() => setKind('shared')} />
              <span>
                In the host, for all its users
                {whyNotShared !== '' && <span className="soft"> {whyNotShared}</span>}
              </span>
            </label>
            <label>
              <input type="radio" name="kind" checked={kind === 'private'} onChange={() => setKind('private')} />
              <span>In this browser, for you alone</span>
            </label>
          </fieldset>
        )}
        {failure !== '' && (
          <p className="failure" role="alert">
            {failure}
          </p>
        )}
        <div className="dialog-actions">
          <button type="submit" className="button button-primary" disabled={isBusy || title.trim() === ''}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
