import { hiddenValue } from '../../api/configuration';
import type { JsonValue } from '../../api/json';

/** A value as text. A hidden secret says so. */
export function SettingValue({ value }: { value: JsonValue }) {
  if (value === hiddenValue) {
    return <em className="soft">hidden</em>;
  }
  if (value === null || value === '') {
    return <span className="soft">–</span>;
  }
  return <code>{Array.isArray(value) ? value.map(String).join(', ') : String(value)}</code>;
}
