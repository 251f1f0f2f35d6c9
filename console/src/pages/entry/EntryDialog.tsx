import { useState, type FormEvent } from 'react';
import { hostNow } from '../../api/hostClock';
import { failureText } from '../../api/http';
import { writeJson } from '../../api/json';
import { longestKeyOf, putEntry, VersionConflict, type Entry } from '../../api/maps';
import { Dialog } from '../../components/page/Dialog';
import { announce } from '../../state/announcer';
import { changeOf, expectedVersion, secondsLeft, type ValueForm } from './entryChange';

interface Props {
  map: string;
  /** The schema of the values; '' for plain values. */
  schema: string;
  /** The present entry; null for a new one. */
  entry: Entry | null;
  /** The key of a new entry that the address names. */
  keyText?: string;
  onClose: () => void;
  onChanged: () => void;
}

const titles: Record<ValueForm, string> = { text: 'Text', bytes: 'Bytes (hexadecimal)', message: 'Message (JSON)' };

/** Sets an entry. A present entry is replaced only if nobody has changed it since it was read, and a new one only if its key is free. */
export function EntryDialog({ map, schema, entry, keyText = '', onClose, onChanged }: Props) {
  const [key, setKey] = useState(entry?.key ?? keyText);
  const [form, setForm] = useState<ValueForm>(entry?.bytes != null && entry.text === null ? 'bytes' : entry?.message != null || schema !== '' ? 'message' : 'text');
  const [value, setValue] = useState(entry === null ? '' : entry.message !== null ? writeJson(entry.message, 2) : (entry.text ?? entry.bytes ?? ''));
  const [seconds, setSeconds] = useState(() => secondsLeft(entry, hostNow()));
  const [version, setVersion] = useState(expectedVersion(entry));
  const [failure, setFailure] = useState<string | null>(null);
  const forms: ValueForm[] = schema === '' && entry?.message == null ? ['text', 'bytes'] : ['message', 'text', 'bytes'];

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await putEntry(map, key, changeOf(form, value, schema || (entry?.schema ?? ''), seconds, version));
      announce(`Entry ${key} saved`);
      onChanged();
      onClose();
    } catch (cause) {
      if (cause instanceof VersionConflict) {
        setVersion(cause.version);
        setFailure(`${entry === null ? `The map already has an entry with this key, version ${cause.version}.` : cause.message} Put again to replace that version.`);
      } else {
        setFailure(failureText(cause));
      }
    }
  };

  return (
    <Dialog title={entry === null ? `Put an entry into ${map}` : `Change ${entry.key}`} onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        {entry === null && (
          <label className="form-field">
            Key
            <input
              type="text"
              required
              value={key}
              maxLength={longestKeyOf('client')}
              spellCheck={false}
              onChange={(event) => {
                setKey(event.target.value);
                setVersion(expectedVersion(null));
              }}
            />
          </label>
        )}
        <label className="form-field">
          Form of the value
          <select value={form} onChange={(event) => setForm(event.target.value as ValueForm)}>
            {forms.map((one) => (
              <option key={one} value={one}>
                {titles[one]}
              </option>
            ))}
          </select>
        </label>
        <label className="form-field">
          Value
          <textarea rows={8} value={value} spellCheck={false} onChange={(event) => setValue(event.target.value)} />
        </label>
        <label className="form-field">
          Seconds until it expires
          <input type="text" inputMode="numeric" value={seconds} placeholder="never" pattern="[0-9]{1,10}" onChange={(event) => setSeconds(event.target.value.trim())} />
        </label>
        {failure !== null && (
          <p className="failure" role="alert">
            {failure}
          </p>
        )}
        <div className="dialog-actions">
          <button type="submit" className="button button-primary" disabled={key === ''}>
            Put
          </button>
        </div>
      </form>
    </Dialog>
  );
}
