import { announcement } from '../../state/announcer';
import { useStore } from '../../state/store';

/** The only live region of the page. */
export function Announcer() {
  return (
    <p className="visually-hidden" role="status" aria-live="polite">
      {useStore(announcement)}
    </p>
  );
}
