interface Props {
  label: string;
  placeholder: string;
  longest: number;
  value: string;
  onValue: (value: string) => void;
}

/** A field that filters the content of a panel; Escape clears it. */
export function SearchField({ label, placeholder, longest, value, onValue }: Props) {
  return (
    <label className="search">
      <span className="visually-hidden">{label}</span>
      <input
        type="search"
        value={value}
        maxLength={longest}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onValue(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            onValue('');
          }
        }}
      />
    </label>
  );
}
