import { parseJson } from '../../api/json';
import { tokenTheme } from '../../state/tokenTheme';
import type { InstalledTheme } from '../types';

const storageKey = 'estream.tokens';

/** Applies a theme of the catalogue to the page and stores it in this browser; null returns to the colors of the console. */
export function chooseTheme(theme: InstalledTheme | null): void {
  const text = theme === null ? '' : textOf(theme);
  try {
    if (theme === null) {
      localStorage.removeItem(storageKey);
    } else {
      localStorage.setItem(storageKey, text);
    }
  } catch {
    // Storage is disabled: the choice lasts until the page is closed.
  }
  // public/theme.js sets the colors, because it also sets them before the first paint.
  dispatchEvent(new CustomEvent('estream-tokens', { detail: text }));
  tokenTheme.set(text);
}

/** The name of the chosen theme; null for the colors of the console. */
export function chosenThemeName(text: string): string | null {
  try {
    const stored = parseJson(text);
    return stored !== null && typeof stored === 'object' && !Array.isArray(stored) && typeof stored.name === 'string' ? stored.name : null;
  } catch {
    return null;
  }
}

/** Applies a newer version of the chosen theme. Returns to the colors of the console if the theme is not installed or was revoked. */
export function keepThemeCurrent(themes: readonly InstalledTheme[]): void {
  const text = tokenTheme.get();
  if (text === '') {
    return;
  }
  const name = chosenThemeName(text);
  const present = themes.find((theme) => theme.name === name) ?? null;
  if (present === null || textOf(present) !== text) {
    chooseTheme(present);
  }
}

function textOf({ name, version, modes, tokens }: InstalledTheme): string {
  return JSON.stringify({ name, version, modes, tokens });
}
