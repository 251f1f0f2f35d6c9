import { Modal } from '../components/page/Modal';
import { ThemeSwitch } from '../components/page/ThemeSwitch';
import { ThemesButton } from '../components/page/ThemesButton';
import { WhoAmI } from '../components/page/WhoAmI';
import type { Who } from '../state/useSession';
import type { ThemeChoice } from '../state/useTheme';
import { Navigation } from './Navigation';

interface Props {
  who: Who;
  theme: ThemeChoice;
  onClose: () => void;
}

/** The navigation of a narrow screen, over the page. */
export function PhoneMenu({ who, theme, onClose }: Props) {
  return (
    <Modal className="phone-menu" label="Menu" onClose={onClose}>
      <div className="phone-menu-body">
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
        {who !== 'refused' && <Navigation className="phone-nav" onFollow={onClose} />}
        <ThemeSwitch theme={theme.theme} onChange={theme.setTheme} />
        {who !== 'refused' && <ThemesButton hasText />}
        {who !== null && who !== 'refused' && <WhoAmI session={who} />}
      </div>
    </Modal>
  );
}
