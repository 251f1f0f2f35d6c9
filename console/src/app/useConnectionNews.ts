import { useEffect } from 'react';
import { announce } from '../state/announcer';
import { Store, useStore } from '../state/store';

/** The title of the open page. */
export const pageTitle = new Store('');

/** Announces a lost and a restored connection in the live region, and shows it with the page in the title of the tab. */
export function useConnectionNews(live: boolean, stale: boolean): void {
  const title = useStore(pageTitle);
  useEffect(() => {
    if (live || stale) {
      announce(live ? 'Connected to the host' : 'Connection to the host lost, reconnecting');
    }
  }, [live, stale]);
  useEffect(() => {
    const page = title === '' ? 'Estream' : `${title} – Estream`;
    document.title = stale ? `Reconnecting – ${page}` : page;
  }, [stale, title]);
}
