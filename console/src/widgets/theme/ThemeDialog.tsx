import { AnswerError } from '../../components/page/AnswerError';
import { Dialog } from '../../components/page/Dialog';
import { useStore } from '../../state/store';
import { tokenTheme } from '../../state/tokenTheme';
import type { InstalledTheme } from '../types';
import { useWidgetCatalogue } from '../useWidgetCatalogue';
import { chosenThemeName, chooseTheme } from './chosenTheme';
import { Swatches } from './Swatches';
import './theme.css';

/** Chooses the colors of the console in this browser: its own, or those of an installed theme. */
export default function ThemeDialog({ onClose }: { onClose: () => void }) {
  const { data, error, reload } = useWidgetCatalogue();
  const chosen = chosenThemeName(useStore(tokenTheme));
  return (
    <Dialog title="Theme" onClose={onClose}>
      {data === null && error !== null && <AnswerError what="The list of themes" error={error} onRetry={reload} />}
      <fieldset className="theme-list">
        <legend className="visually-hidden">Theme</legend>
        <ThemeOption title="Estream" note="Light and dark, part of the console" isChosen={chosen === null} theme={null} />
        {data?.themes.map((theme) => <ThemeOption key={theme.name} title={theme.title} note={noteOf(theme)} isChosen={chosen === theme.name} theme={theme} />)}
      </fieldset>
      {data?.themes.length === 0 && (
        <p className="soft">
          No theme is installed. Find one with <code>estream marketplace search</code>.
        </p>
      )}
    </Dialog>
  );
}

interface OptionProps {
  title: string;
  note: string;
  isChosen: boolean;
  /** Null for the colors of the console. */
  theme: InstalledTheme | null;
}

function ThemeOption({ title, note, isChosen, theme }: OptionProps) {
  return (
    <label className="theme-option">
      <input type="radio" name="token-theme" checked={isChosen} onChange={() => chooseTheme(theme)} />
      <span className="theme-name">
        {title}
        <span className="soft form-note">{note}</span>
      </span>
      {theme !== null && <Swatches tokens={theme.tokens} />}
    </label>
  );
}

function noteOf({ name, version, modes }: InstalledTheme): string {
  const [only] = modes;
  return `${name} ${version}${modes.length === 1 && only !== undefined ? `, applies while the page is ${only}` : ''}`;
}
