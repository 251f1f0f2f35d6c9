import { writeJson, type JsonValue } from '../../api/json';
import { announce } from '../../state/announcer';

/** Puts a message on the clipboard exactly as the API sent it, digits included. */
export function CopyJson({ value }: { value: JsonValue }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(writeJson(value, 2));
      announce('JSON copied');
    } catch {
      announce('The browser did not allow copying');
    }
  };
  return (
    <button type="button" className="button button-small" onClick={copy}>
      Copy JSON
    </button>
  );
}
