import { useEffect, useState } from 'react';

type Listener = (now: number) => void;

/** The listeners by their interval. A table shows an age in each row, and one timer updates all of them in one rendering. */
const tickers = new Map<number, { listeners: Set<Listener>; timer: number }>();

/** The time in epoch milliseconds, updated every `intervalMs` while `active`. */
export function useNow(intervalMs: number, active = true): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!active) {
      return;
    }
    setNow((before) => (Date.now() - before < intervalMs ? before : Date.now()));
    return onTick(intervalMs, setNow);
  }, [intervalMs, active]);
  return now;
}

function onTick(intervalMs: number, listener: Listener): () => void {
  const ticker = tickers.get(intervalMs) ?? startTicker(intervalMs);
  ticker.listeners.add(listener);
  return () => {
    ticker.listeners.delete(listener);
    if (ticker.listeners.size === 0) {
      clearInterval(ticker.timer);
      tickers.delete(intervalMs);
    }
  };
}

function startTicker(intervalMs: number) {
  const listeners = new Set<Listener>();
  const tell = () => {
    const now = Date.now();
    listeners.forEach((listener) => listener(now));
  };
  const ticker = { listeners, timer: setInterval(tell, intervalMs) };
  tickers.set(intervalMs, ticker);
  return ticker;
}
