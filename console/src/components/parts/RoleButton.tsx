import { useState, type ReactNode } from 'react';
import { failureText } from '../../api/http';
import { announce } from '../../state/announcer';
import { useWhyNot, type Role } from '../../state/SessionContext';

interface Props {
  role: Role;
  /** Whether a token with scopes may make the change if the scopes include the part. Default: false. */
  acceptsScopes?: boolean;
  /** Why the part does not permit the change to this user; '' if the part permits the change. */
  refusal?: string;
  disabled?: boolean;
  isPrimary?: boolean;
  onClick: () => void;
  children: ReactNode;
}

/** A button for a change of the host. Disabled for a user who may not make the change; the title gives the reason. */
export function RoleButton({ role, acceptsScopes = false, refusal = '', disabled = false, isPrimary = false, onClick, children }: Props) {
  const reason = useWhyNot(role, acceptsScopes) || refusal;
  return (
    <button type="button" className={isPrimary ? 'button button-primary' : 'button'} disabled={disabled || reason !== ''} title={reason || undefined} onClick={onClick}>
      {children}
    </button>
  );
}

interface ActionProps {
  role: Role;
  /** Changes the host. */
  act: () => Promise<void>;
  /** What is announced afterwards, such as "Adapter devices paused". */
  done: string;
  /** Called after the change. */
  onDone: () => void;
  children: ReactNode;
}

/** A {@link RoleButton} that changes the host at once, and shows why the change failed. */
export function ActionButton({ role, act, done, onDone, children }: ActionProps) {
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState('');
  const change = async () => {
    setIsBusy(true);
    setFailure('');
    try {
      await act();
      announce(done);
      onDone();
    } catch (cause) {
      setFailure(failureText(cause));
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
      <RoleButton role={role} disabled={isBusy} onClick={() => void change()}>
        {children}
      </RoleButton>
    </>
  );
}
