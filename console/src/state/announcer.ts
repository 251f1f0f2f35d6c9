import { Store } from './store';

/** The next text for screen readers. Only state changes are announced, not numbers that change twice a second. */
export const announcement = new Store('');

export function announce(text: string): void {
  announcement.set(text);
}
