import { signOut } from '../../api/client';
import type { Session } from '../../api/types';

/** The user of the page and the role of the session. */
export function WhoAmI({ session }: { session: Session }) {
  return (
    <p className="who">
      <span title={`Requests from this page use the role ${session.role}`} data-figure="role">
        {session.name}, {session.role}
      </span>
      {session.isSignedIn && (
        <button className="button" type="button" onClick={() => void signOut().then(() => location.reload())}>
          Sign out
        </button>
      )}
    </p>
  );
}
