import { useId } from 'react';
import { writeJson, type JsonValue } from '../../api/json';
import type { ConfigField as Field } from './configForm';
import { usePartNames } from './usePartNames';

interface Props {
  field: Field;
  text: string;
  fault: string | undefined;
  onText: (text: string) => void;
}

/** One setting of a widget as a form control, with its description, and its error if the text is wrong. */
export function ConfigField({ field, text, fault, onText }: Props) {
  const id = useId();
  const names = usePartNames(field.part);
  const shared = { id, 'data-field': field.name, value: text, 'aria-describedby': `${id}-note`, 'aria-invalid': fault !== undefined } as const;
  const note = fault === undefined ? noteOf(field) : `${field.title} ${fault}`;
  return (
    <div className="form-field">
      <label htmlFor={id}>
        {field.title}
        {field.isRequired && <span className="soft"> required</span>}
      </label>
      {field.kind === 'choice' || field.kind === 'flag' ? (
        <select {...shared} onChange={(event) => onText(event.target.value)}>
          {(field.initial === undefined || text === '') && <option value="" />}
          {(field.kind === 'flag' ? [true, false] : field.values).map((value) => (
            <option key={writeJson(value)} value={writeJson(value)}>
              {labelOf(value)}
            </option>
          ))}
        </select>
      ) : field.kind === 'texts' ? (
        <>
          <textarea {...shared} rows={Math.min(Math.max(text.split('\n').length, 2), 8)} spellCheck={false} onChange={(event) => onText(event.target.value)} />
          {names.length > 0 && (
            <select aria-label={`Add to ${field.title}`} value="" onChange={({ target }) => onText(text.trim() === '' ? target.value : `${text.trimEnd()}\n${target.value}`)}>
              <option value="">Add…</option>
              {names
                .filter((name) => !text.split('\n').includes(name))
                .map((name) => (
                  <option key={name}>{name}</option>
                ))}
            </select>
          )}
        </>
      ) : field.kind === 'json' ? (
        <textarea {...shared} rows={4} spellCheck={false} placeholder="JSON" onChange={(event) => onText(event.target.value)} />
      ) : (
        <>
          <input
            {...shared}
            type="text"
            inputMode={field.kind === 'integer' ? 'numeric' : field.kind === 'number' ? 'decimal' : 'text'}
            list={names.length > 0 ? `${id}-names` : undefined}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => onText(event.target.value)}
          />
          {names.length > 0 && (
            <datalist id={`${id}-names`}>
              {names.map((name) => (
                <option key={name} value={name} />
              ))}
            </datalist>
          )}
        </>
      )}
      <span id={`${id}-note`} className={fault === undefined ? 'soft form-note' : 'failure form-note'} role={fault === undefined ? undefined : 'alert'}>
        {note}
      </span>
    </div>
  );
}

function labelOf(value: JsonValue): string {
  return typeof value === 'string' ? value : typeof value === 'boolean' ? (value ? 'Yes' : 'No') : writeJson(value);
}

function noteOf({ description, kind, minimum, maximum }: Field): string {
  const range = minimum !== null && maximum !== null ? `${minimum} to ${maximum}.` : minimum !== null ? `At least ${minimum}.` : maximum !== null ? `At most ${maximum}.` : '';
  return [description, range, kind === 'texts' ? 'One on each line.' : kind === 'json' ? 'JSON.' : ''].filter((part) => part !== '').join(' ');
}
