import { useStore } from '../../state/store';
import { absoluteTimes, setAbsoluteTimes } from '../../state/timeStyle';

/** Chooses whether times are shown as ages or as clock times. */
export function TimeSwitch() {
  const absolute = useStore(absoluteTimes);
  return (
    <button type="button" className="text-button" aria-pressed={absolute} onClick={() => setAbsoluteTimes(!absolute)}>
      {absolute ? 'Show ages' : 'Show clock times'}
    </button>
  );
}
