import { use, useCallback, useEffect, useRef, useState } from 'react';
import { UNSAFE_NavigationContext as NavigationContext } from 'react-router';
import { popGuard } from '../../state/popGuard';

/** A navigation that waits for the user. */
interface Waiting {
  go: () => void;
}

/**
 * Holds back each navigation to another page, by a link, a command or the buttons of the browser, while `active`.
 * Returns the navigation that waits. Closing the window makes the browser ask.
 */
export function useLeaveGuard(active: boolean): { waiting: Waiting | null; stay: () => void; allow: () => void } {
  const { navigator } = use(NavigationContext);
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  const isAllowed = useRef(false);
  const allow = useCallback(() => {
    isAllowed.current = true;
  }, []);

  useEffect(() => {
    isAllowed.current = false;
    if (!active) {
      return;
    }
    const here = location.pathname;
    const { push, replace } = navigator;
    const held =
      (move: typeof push): typeof push =>
      (...parameters) => {
        const [to] = parameters;
        const target = new URL(typeof to === 'string' ? to : (to.pathname ?? location.pathname), location.href).pathname;
        const go = () => move.apply(navigator, parameters);
        if (isAllowed.current || target === here) {
          go();
        } else {
          setWaiting({ go });
        }
      };
    navigator.push = held(push);
    navigator.replace = held(replace);

    const position = positionIn(history.state);
    let isReturning = false;
    popGuard.current = (event) => {
      if (isReturning) {
        // The address is the address of the page again.
        isReturning = false;
        return true;
      }
      if (isAllowed.current || location.pathname === here) {
        return false;
      }
      const distance = positionIn(event.state) - position;
      isReturning = true;
      history.go(-distance);
      setWaiting({ go: () => history.go(distance) });
      return true;
    };
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', onUnload);
    return () => {
      navigator.push = push;
      navigator.replace = replace;
      popGuard.current = null;
      removeEventListener('beforeunload', onUnload);
    };
  }, [active, navigator]);

  return { waiting, stay: useCallback(() => setWaiting(null), []), allow };
}

/** The number that the router gives each entry of the history. */
function positionIn(state: unknown): number {
  const index = (state as { idx?: unknown } | null)?.idx;
  return typeof index === 'number' ? index : 0;
}
