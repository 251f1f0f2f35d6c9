import { useRef } from 'react';
import type { Queue } from '../api/types';

const keptMs = 30_000;

/**
 * The busiest queues, at most `most`, in the order given. The choice stays for half a minute, so that lines do not
 * come and go with every sample.
 */
export function useBusiest(queues: readonly Queue[], most: number): Queue[] {
  const chosen = useRef<{ names: Set<string>; at: number }>({ names: new Set(), at: 0 });
  const present = queues.filter(({ name }) => chosen.current.names.has(name));
  const now = Date.now();
  if (present.length < Math.min(most, queues.length) || now - chosen.current.at > keptMs) {
    const busiest = [...queues].sort((a, b) => b.ratePerSecond - a.ratePerSecond).slice(0, most);
    chosen.current = { names: new Set(busiest.map(({ name }) => name)), at: now };
  }
  return queues.filter(({ name }) => chosen.current.names.has(name));
}
