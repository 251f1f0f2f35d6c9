import { useEffect, useRef } from 'react';
import { fetchWidgets } from './api/catalogue';
import { useIsLive, useLive } from '../live/LiveContext';
import { useFetch, type Fetched } from '../live/useFetch';
import { useStore } from '../state/store';
import { removeUninstalled } from './frame/storage';
import { keepThemeCurrent } from './theme/chosenTheme';
import type { WidgetCatalogue } from './types';

/**
 * The installed widgets and themes. Reads them again when the host says that they have changed, and after a lost connection. Each answer
 * ends what this browser keeps of components that are gone: the chosen theme, and the texts of widgets.
 */
export function useWidgetCatalogue(): Fetched<WidgetCatalogue> {
  const fetched = useFetch(fetchWidgets);
  const etag = useStore(useLive().widgets);
  const isLive = useIsLive();
  const isFirst = useRef(true);
  const { data, reload } = fetched;
  useEffect(() => {
    if (!isFirst.current && isLive) {
      reload();
    }
    isFirst.current = false;
  }, [etag, isLive, reload]);
  useEffect(() => {
    if (data !== null) {
      keepThemeCurrent(data.themes);
      removeUninstalled([...data.widgets.map(({ id }) => id), ...data.refused.map(({ name }) => name)]);
    }
  }, [data]);
  return fetched;
}
