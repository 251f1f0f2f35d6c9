import { createContext, use } from 'react';

/** A text that changes whenever the colours of the page do. A canvas must be drawn again then. */
export const PaletteContext = createContext('');

export function usePalette(): string {
  return use(PaletteContext);
}
