import { useEffect, useRef } from 'react';
import { fetchWidgets } from './api/catalogue';
import { useIsLive, useLive } from '../live/LiveContext';
import { useFetch, type Fetched } from '../live/useFetch';
import { useStore } from '../state/store';
import type { WidgetCatalogue } from './types';

/** The installed widgets and themes. Reads them again when the host says that they have changed, and after a lost connection. */
export function useWidgetCatalogue(): Fetched<WidgetCatalogue> {
  const fetched = useFetch(fetchWidgets);
  const etag = useStore(useLive().widgets);
  const isLive = useIsLive();
  const isFirst = useRef(true);
  const { reload } = fetched;
  useEffect(() => {
    if (!isFirst.current && isLive) {
      reload();
    }
    isFirst.current = false;
  }, [etag, isLive, reload]);
  return fetched;
}
