import type { JsonValue } from '../../api/json';

/** Whether a value is private and was withheld: the host has no key for it, or this page may not see it. */
export function isSealed(value: JsonValue | undefined): boolean {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && value.$withheld === true;
}

/** Stands for a private value. */
export function Sealed() {
  return (
    <span className="sealed" title="A private value, stored encrypted. The console never shows private values.">
      <svg viewBox="0 0 10 12" aria-hidden="true">
        <path d="M2.5 5V3.5a2.5 2.5 0 0 1 5 0V5H9v6H1V5z" />
      </svg>
      sealed
    </span>
  );
}
