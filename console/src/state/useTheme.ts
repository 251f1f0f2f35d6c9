import { useEffect, useState } from 'react';

export type Theme = 'auto' | 'light' | 'dark';

const storageKey = 'estream.theme';

export interface ThemeChoice {
  theme: Theme;
  /** Whether the page is dark now; the system decides for `auto`. */
  dark: boolean;
  setTheme: (theme: Theme) => void;
}

/** The selected theme. */
export function useTheme(): ThemeChoice {
  const [theme, setTheme] = useState<Theme>(chosen);
  const [systemDark, setSystemDark] = useState(() => darkQuery().matches);

  useEffect(() => {
    const query = darkQuery();
    const listen = () => setSystemDark(query.matches);
    query.addEventListener('change', listen);
    return () => query.removeEventListener('change', listen);
  }, []);

  const choose = (next: Theme) => {
    if (next === 'auto') {
      delete document.documentElement.dataset.theme;
    } else {
      document.documentElement.dataset.theme = next;
    }
    try {
      localStorage.setItem(storageKey, next);
    } catch {
      // Storage is disabled: the choice lasts until the page is closed.
    }
    setTheme(next);
  };

  return { theme, dark: theme === 'dark' || (theme === 'auto' && systemDark), setTheme: choose };
}

function chosen(): Theme {
  const theme = document.documentElement.dataset.theme;
  return theme === 'light' || theme === 'dark' ? theme : 'auto';
}

function darkQuery(): MediaQueryList {
  return matchMedia('(prefers-color-scheme: dark)');
}
