import { signOut } from '../../api/client';
import type { Session } from '../../api/types';

/** Who uses the page, and in which role. */
export function WhoAmI({ session }: { session: Session }) {
  return (
    <p className="who">
      <span title={`Requests of this page have the role ${session.role}`} data-figure="role">
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
