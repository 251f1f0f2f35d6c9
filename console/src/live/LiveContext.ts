import { createContext, use } from 'react';
import type { Overview } from '../api/types';
import { useStore } from '../state/store';
import type { LiveFeed } from './LiveFeed';

export const LiveContext = createContext<LiveFeed | null>(null);

export function useLive(): LiveFeed {
  const feed = use(LiveContext);
  if (feed === null) {
    throw new Error('useLive must be called inside a LiveContext.');
  }
  return feed;
}

/** The newest overview. Only for pages: the shell shows them after the first overview. */
export function useOverview(): Overview {
  const overview = useStore(useLive().overview);
  if (overview === null) {
    throw new Error('useOverview must be called inside a page.');
  }
  return overview;
}

/** Whether the page is connected to the host, so that asking makes sense. */
export function useIsLive(): boolean {
  return useStore(useLive().connection).phase === 'live';
}
