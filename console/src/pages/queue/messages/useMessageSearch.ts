import { useCallback, useEffect, useReducer, useRef } from 'react';
import { failureText } from '../../../api/http';
import { searchMessages, type SearchEnd, type SearchRequest } from '../../../api/messages';
import type { Message } from '../../../api/types';
import { mostMessages, noSearch, searchReducer, type SearchState } from './searchState';
import { fromOf, type Seek } from './seek';

const pageSize = 100;
const normalFollowMs = 1000;
const followedAtOnce = 200;
/** A request without an answer for so long waits for other searches of the host. */
export const waitShownMs = 2000;

export interface MessageFilter {
  schema: string;
  filter: string;
  lattice: string;
  path: string;
}

export interface MessageSearch extends SearchState {
  cancel: () => void;
  /** Asks for the next messages in the direction of the list; undefined if there are none or they are asked for already. */
  more: (() => void) | undefined;
  /** Searches again from the beginning. */
  again: () => void;
}

interface Options {
  seek: Seek;
  filter: MessageFilter;
  /** Whether new messages are added at the top; only for a list of the newest. */
  follow: boolean;
  /** The milliseconds between two questions for new messages. Default: a second. */
  followMs?: number;
  /** Whether the queue may have new messages. It is not asked for them otherwise. Default: always. */
  hasNews?: () => boolean;
  live: boolean;
  /** The number of the next message of the queue; null if it is not known. */
  nextSequence: bigint | null;
}

/** Searches a queue on the host for the messages of the list, and follows it. A change of the request cancels the search. */
export function useMessageSearch(queue: string, { seek, filter, follow, followMs = normalFollowMs, hasNews, live, nextSequence }: Options): MessageSearch {
  const [state, dispatch] = useReducer(searchReducer, noSearch);
  const running = useRef<AbortController | null>(null);
  const tip = useRef<bigint | null>(null);
  const latestNext = useRef(nextSequence);
  latestNext.current = nextSequence;
  const key = JSON.stringify([queue, seek, filter]);
  const newestFirst = seek.kind === 'last';

  const run = useCallback(
    (from: string, keeps: boolean) => {
      running.current?.abort();
      const stop = new AbortController();
      running.current = stop;
      const [name, , narrowed] = JSON.parse(key) as [string, Seek, MessageFilter];
      const request: SearchRequest = { ...narrowed, from, limit: pageSize, direction: newestFirst ? 'backward' : 'forward' };
      const tell = <T,>(act: (told: T) => void) => (told: T) => (stop.signal.aborted ? undefined : act(told));
      dispatch({ type: 'started', keeps });
      searchMessages(
        name,
        request,
        { messages: tell((messages: Message[]) => dispatch({ type: 'found', messages })), progress: tell((progress) => dispatch({ type: 'progress', progress })) },
        stop.signal,
      ).then(
        tell((end) => dispatch({ type: 'ended', end })),
        tell((error) => dispatch({ type: 'failed', error: error instanceof Error ? error : new Error(String(error)) })),
      );
    },
    [key, newestFirst],
  );

  const again = useCallback(() => {
    tip.current = latestNext.current;
    run(fromOf((JSON.parse(key) as [string, Seek])[1]), false);
  }, [run, key]);

  useEffect(() => {
    again();
    return () => running.current?.abort();
  }, [again]);

  useFollow({ queue, filter, followMs, hasNews, active: follow && newestFirst && live && !state.running && state.error === null, tip, onMessages: (messages) => dispatch({ type: 'arrived', messages }), onState: (note) => dispatch({ type: 'following', note }) });

  const { end, messages } = state;
  const next = newestFirst ? end?.previousSequence : end?.nextSequence;
  const canContinue = end !== null && next !== null && next !== undefined && (newestFirst || end.reason !== 'end') && messages.length < mostMessages;
  return {
    ...state,
    again,
    cancel: () => {
      running.current?.abort();
      dispatch({ type: 'cancelled' });
    },
    more: canContinue ? () => run(`seq:${next}`, true) : undefined,
  };
}

interface Follow {
  queue: string;
  filter: MessageFilter;
  followMs: number;
  hasNews: (() => boolean) | undefined;
  active: boolean;
  /** The first message that a filtered follow has not seen. */
  tip: { current: bigint | null };
  onMessages: (messages: Message[]) => void;
  /** Told why messages that arrived are not shown; '' if they are. */
  onState: (note: string) => void;
}

/** Asks again and again for messages that arrived: the newest of a queue, or with a filter all that match since the last time. */
function useFollow({ queue, filter, followMs, hasNews, active, tip, onMessages, onState }: Follow): void {
  const deliver = useRef(onMessages);
  deliver.current = onMessages;
  const tell = useRef(onState);
  tell.current = onState;
  const key = JSON.stringify([queue, filter]);
  useEffect(() => {
    if (!active) {
      return;
    }
    const stop = new AbortController();
    const [name, narrowed] = JSON.parse(key) as [string, MessageFilter];
    const isNarrowed = Object.values(narrowed).some((value) => value !== '');
    let timer = 0;
    let isDue = true;
    const ask = async () => {
      if (!document.hidden && (isDue || hasNews === undefined || hasNews())) {
        isDue = false;
        const from = isNarrowed && tip.current !== null ? `seq:${tip.current}` : `last:${pageSize}`;
        const late = setTimeout(() => tell.current('New messages wait for other searches of the host to end.'), waitShownMs);
        try {
          const end = await searchMessages(name, { ...narrowed, from, limit: followedAtOnce, direction: 'forward' }, { messages: (found) => deliver.current(found), progress: () => undefined }, stop.signal);
          tip.current = tipAfter(end, tip.current);
          tell.current('');
        } catch (cause) {
          isDue = true;
          if (!stop.signal.aborted) {
            tell.current(`New messages are not shown: ${failureText(cause)} The page asks again.`);
          }
        }
        clearTimeout(late);
      }
      if (!stop.signal.aborted) {
        timer = setTimeout(ask, followMs);
      }
    };
    timer = setTimeout(ask, followMs);
    return () => {
      stop.abort();
      clearTimeout(timer);
      tell.current('');
    };
  }, [active, key, followMs, hasNews, tip]);
}

/** The first message that a follow has not seen. Only a search that read to the end has seen all before the end. */
export function tipAfter({ reason, nextSequence, endSequence }: SearchEnd, before: bigint | null): bigint | null {
  return (reason === 'end' ? endSequence : null) ?? nextSequence ?? before;
}
