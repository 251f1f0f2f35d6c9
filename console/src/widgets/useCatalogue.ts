import { useEffect } from 'react';
import type { Fetched } from '../live/useFetch';
import { keepThemeCurrent } from './theme/chosenTheme';
import type { WidgetCatalogue } from './types';
import { useWidgetCatalogue } from './useWidgetCatalogue';

/** The installed widgets and themes. The page returns to its own colors if the chosen theme was removed or revoked. */
export function useCatalogue(): Fetched<WidgetCatalogue> {
  const catalogue = useWidgetCatalogue();
  const themes = catalogue.data?.themes;
  useEffect(() => {
    if (themes !== undefined) {
      keepThemeCurrent(themes);
    }
  }, [themes]);
  return catalogue;
}
