import { Store } from './store';

/** What a screen reader is told next. Status changes only: figures that change twice a second are never announced. */
export const announcement = new Store('');

export function announce(text: string): void {
  announcement.set(text);
}
