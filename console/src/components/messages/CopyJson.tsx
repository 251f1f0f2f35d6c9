import { writeJson, type JsonValue } from '../../api/json';
import { announce } from '../../state/announcer';

/** Copies a message to the clipboard exactly as the API sent it, with all digits. */
export function CopyJson({ value }: { value: JsonValue }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(writeJson(value, 2));
      announce('JSON copied');
    } catch {
      announce('The browser blocked access to the clipboard');
    }
  };
  return (
    <button type="button" className="button button-small" onClick={copy}>
      Copy JSON
    </button>
  );
}
