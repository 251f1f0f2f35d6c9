import type { SearchEnd, SearchProgress } from '../../../api/messages';
import type { Message } from '../../../api/types';

/** The most messages that the page keeps. It bounds memory, however long a search or a follow runs. */
export const mostMessages = 5000;
/** While following, older messages leave the list. */
const mostFollowed = 1000;

export interface SearchState {
  /** In the order shown, without duplicates. */
  messages: readonly Message[];
  running: boolean;
  progress: SearchProgress | null;
  /** How the last search ended; null if it was cancelled or runs. */
  end: SearchEnd | null;
  error: Error | null;
  /** Whether the user cancelled the search. */
  cancelled: boolean;
  /** Why messages that arrived are not shown; '' if they are. */
  followNote: string;
}

export const noSearch: SearchState = { messages: [], running: false, progress: null, end: null, error: null, cancelled: false, followNote: '' };

export type SearchAction =
  | { type: 'started'; keeps: boolean }
  | { type: 'found'; messages: readonly Message[] }
  | { type: 'following'; note: string }
  | { type: 'arrived'; messages: readonly Message[] }
  | { type: 'progress'; progress: SearchProgress }
  | { type: 'ended'; end: SearchEnd }
  | { type: 'failed'; error: Error }
  | { type: 'cancelled' };

export function searchReducer(state: SearchState, action: SearchAction): SearchState {
  switch (action.type) {
    case 'started':
      return { ...noSearch, messages: action.keeps ? state.messages : [], running: true };
    case 'found':
      return { ...state, messages: withoutDuplicates([...state.messages, ...action.messages]).slice(0, mostMessages) };
    case 'arrived': {
      const newestFirst = withoutDuplicates([...action.messages, ...state.messages]).sort((a, b) => (a.sequence < b.sequence ? 1 : a.sequence > b.sequence ? -1 : 0));
      return newestFirst.length === state.messages.length ? state : { ...state, messages: newestFirst.slice(0, mostFollowed) };
    }
    case 'following':
      return action.note === state.followNote ? state : { ...state, followNote: action.note };
    case 'progress':
      return { ...state, progress: action.progress };
    case 'ended':
      return { ...state, running: false, end: action.end };
    case 'failed':
      return { ...state, running: false, error: action.error };
    case 'cancelled':
      return { ...state, running: false, cancelled: true };
  }
}

function withoutDuplicates(messages: readonly Message[]): Message[] {
  const seen = new Set<bigint>();
  return messages.filter(({ sequence }) => !seen.has(sequence) && seen.add(sequence));
}
