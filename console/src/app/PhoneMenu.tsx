import { useEffect, useRef } from 'react';
import { ThemeSwitch } from '../components/page/ThemeSwitch';
import { WhoAmI } from '../components/page/WhoAmI';
import type { Who } from '../state/useSession';
import type { ThemeChoice } from '../state/useTheme';
import { Navigation } from './Navigation';

interface Props {
  who: Who;
  theme: ThemeChoice;
  onClose: () => void;
}

/** The navigation of a narrow screen, over the page. Escape closes it. */
export function PhoneMenu({ who, theme, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className="phone-menu"
      aria-label="Menu"
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) {
          onClose(); // the backdrop
        }
      }}
    >
      <div className="phone-menu-body">
        <button type="button" className="button phone-menu-close" onClick={onClose}>
          Close
        </button>
        {who !== 'refused' && <Navigation className="phone-nav" onFollow={onClose} />}
        <ThemeSwitch theme={theme.theme} onChange={theme.setTheme} />
        {who !== null && who !== 'refused' && <WhoAmI session={who} />}
      </div>
    </dialog>
  );
}
