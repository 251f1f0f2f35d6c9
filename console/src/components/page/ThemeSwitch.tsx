import type { Theme } from '../../state/useTheme';

const themes: readonly { theme: Theme; label: string }[] = [
  { theme: 'auto', label: 'Auto' },
  { theme: 'light', label: 'Light' },
  { theme: 'dark', label: 'Dark' },
];

interface Props {
  theme: Theme;
  onChange: (theme: Theme) => void;
}

export function ThemeSwitch({ theme, onChange }: Props) {
  return (
    <fieldset className="segmented">
      <legend className="visually-hidden">Theme</legend>
      {themes.map((choice) => (
        <label key={choice.theme}>
          <input
            type="radio"
            name="theme"
            value={choice.theme}
            checked={theme === choice.theme}
            onChange={() => onChange(choice.theme)}
          />
          <span>{choice.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
