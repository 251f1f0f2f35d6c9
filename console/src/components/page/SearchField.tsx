interface Props {
  label: string;
  placeholder: string;
  longest: number;
  value: string;
  onValue: (value: string) => void;
  /** Called when the user presses Enter or leaves the field. */
  onCommit?: () => void;
  wide?: boolean;
}

/** A field for a search or a filter; Escape clears the field. */
export function SearchField({ label, placeholder, longest, value, onValue, onCommit, wide = false }: Props) {
  return (
    <label className={wide ? 'search search-wide' : 'search'}>
      <span className="visually-hidden">{label}</span>
      <input
        type="search"
        value={value}
        maxLength={longest}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onValue(event.target.value)}
        onBlur={onCommit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            onCommit?.();
          } else if (event.key === 'Escape') {
            onValue('');
          }
        }}
      />
    </label>
  );
}
