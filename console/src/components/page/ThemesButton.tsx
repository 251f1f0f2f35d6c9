import { lazy, Suspense, useState } from 'react';

const ThemeDialog = lazy(() => import('../../widgets/theme/ThemeDialog'));

/** Opens the choice of an installed theme. Without a text, the button is an icon. */
export function ThemesButton({ hasText = false }: { hasText?: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      {hasText ? (
        <button type="button" className="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
          Themes
        </button>
      ) : (
        <button type="button" className="icon-button themes-button" aria-label="Themes" title="Themes" aria-haspopup="dialog" onClick={() => setOpen(true)}>
          <svg viewBox="0 0 14 14" aria-hidden="true">
            <path d="M7 1a6 6 0 1 0 0 12c.9 0 1.3-.6 1.2-1.3-.2-.9.3-1.6 1.2-1.6h1.4A2.2 2.2 0 0 0 13 7.9C13 4 10.3 1 7 1M4 8.2a1 1 0 1 1 0-2 1 1 0 0 1 0 2M5.7 5a1 1 0 1 1 0-2 1 1 0 0 1 0 2M9 5a1 1 0 1 1 0-2 1 1 0 0 1 0 2" />
          </svg>
        </button>
      )}
      {open && (
        <Suspense>
          <ThemeDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
