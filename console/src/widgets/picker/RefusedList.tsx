import type { RefusedComponent } from '../types';

/** The components that the host does not serve, and why. */
export function RefusedList({ refused }: { refused: readonly RefusedComponent[] }) {
  if (refused.length === 0) {
    return null;
  }
  return (
    <section className="picker-refused" aria-label="Refused">
      <h3>Refused</h3>
      <ul>
        {refused.map(({ name, version, reason }) => (
          <li key={`${name} ${version}`}>
            <strong>{name}</strong> {version}
            <p className="failure">{reason}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
