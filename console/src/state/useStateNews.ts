import { useAnnouncedStates } from '../components/page/useAnnouncedStates';
import type { Overview } from '../api/types';

/** Announces each change of a part's state, whichever page is open. */
export function useStateNews(overview: Overview | null): void {
  useAnnouncedStates('Adapter', overview?.adapters ?? nothing);
  useAnnouncedStates('Pipeline', overview?.pipelines ?? nothing);
  useAnnouncedStates('Circuit', overview?.circuits ?? nothing);
  useAnnouncedStates('Witness of', overview?.witnesses ?? nothing);
  useAnnouncedStates('Multicast', overview?.multicast ?? nothing);
  useAnnouncedStates('Replica', overview?.replicas ?? nothing);
  useAnnouncedStates('Card', overview?.cards ?? nothing);
}

const nothing: readonly never[] = [];
