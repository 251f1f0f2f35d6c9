const shown = ['--ground', '--raised', '--accent', '--warn', '--bad'];

/** The most visible colors of a theme. */
export function Swatches({ tokens }: { tokens: Readonly<Record<string, string>> }) {
  return (
    <span className="swatches" aria-hidden="true">
      {shown
        .filter((name) => tokens[name] !== undefined)
        .map((name) => (
          <span key={name} ref={(element) => element?.style.setProperty('background-color', tokens[name]!)} />
        ))}
    </span>
  );
}
