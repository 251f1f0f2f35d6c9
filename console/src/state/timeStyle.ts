import { Store } from './store';

const key = 'estream.times';

/** Whether times are shown as clock times instead of ages. This browser remembers the choice. */
export const absoluteTimes = new Store(read());

export function setAbsoluteTimes(absolute: boolean): void {
  absoluteTimes.set(absolute);
  try {
    localStorage.setItem(key, absolute ? 'absolute' : 'relative');
  } catch {
    // Storage is disabled: the choice lasts until the page is closed.
  }
}

function read(): boolean {
  try {
    return localStorage.getItem(key) === 'absolute';
  } catch {
    return false;
  }
}
