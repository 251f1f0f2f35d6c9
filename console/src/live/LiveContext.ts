import { createContext, use } from 'react';
import type { LiveFeed } from './LiveFeed';

export const LiveContext = createContext<LiveFeed | null>(null);

export function useLive(): LiveFeed {
  const feed = use(LiveContext);
  if (feed === null) {
    throw new Error('useLive must be called inside a LiveContext.');
  }
  return feed;
}
