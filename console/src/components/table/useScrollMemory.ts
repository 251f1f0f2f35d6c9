import { useEffect, useRef } from 'react';
import { useLocation, useNavigationType } from 'react-router';

/** The most visits whose place is kept. */
const mostKept = 100;

/** The scroll positions of tables, by the visit of their page. The oldest are forgotten first. */
const places = new Map<string, number>();

interface ScrollMemory {
  /** Where the list begins: where it was if the user has come back to the page, otherwise its top. */
  initial: number;
  /** Takes the present position of the list. */
  onScroll: (top: number) => void;
}

/** Remembers how far a list is scrolled, so that the back button leads to the same rows. */
export function useScrollMemory(name: string): ScrollMemory {
  const { key } = useLocation();
  const type = useNavigationType();
  const visit = `${key} ${name}`;
  const present = useRef({ visit, top: 0 });
  present.current.visit = visit;
  useEffect(
    () => () => {
      const { visit: left, top } = present.current;
      places.delete(left);
      places.set(left, top);
      if (places.size > mostKept) {
        places.delete(places.keys().next().value!);
      }
    },
    [],
  );
  return {
    initial: type === 'POP' ? (places.get(visit) ?? 0) : 0,
    onScroll: (top) => {
      present.current.top = top;
    },
  };
}
