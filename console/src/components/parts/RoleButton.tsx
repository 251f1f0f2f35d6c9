import { useState, type ReactNode } from 'react';
import { StatusError } from '../../api/http';
import { announce } from '../../state/announcer';
import { useMay } from '../../state/SessionContext';

interface Props {
  role: 'operator' | 'developer' | 'admin';
  /** Changes the host. */
  act: () => Promise<void>;
  /** What is announced afterwards, such as "Adapter devices paused". */
  done: string;
  /** Called after the change. */
  onDone: () => void;
  children: ReactNode;
}

/** A button that changes the host. Disabled, with the reason, for a user without the role. */
export function RoleButton({ role, act, done, onDone, children }: Props) {
  const may = useMay(role);
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState('');
  const click = async () => {
    setIsBusy(true);
    setFailure('');
    try {
      await act();
      announce(done);
      onDone();
    } catch (cause) {
      setFailure(cause instanceof StatusError ? cause.reason || cause.message : 'The host did not respond.');
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <>
      {failure !== '' && (
        <span className="action-failure" role="alert">
          {failure}
        </span>
      )}
      <button type="button" className="button" disabled={!may || isBusy} title={may ? undefined : `Needs the role ${role}.`} onClick={() => void click()}>
        {children}
      </button>
    </>
  );
}
