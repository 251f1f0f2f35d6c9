import type { SchemaField } from '../../../api/schemas';
import { inputOf } from './formFields';

interface Props {
  field: SchemaField;
  text: string;
  fault: string | undefined;
  onText: (text: string) => void;
}

/** One field of a message as a form control, with its type and description. */
export function FieldInput({ field, text, fault, onText }: Props) {
  const kind = inputOf(field);
  const noteId = `note-${field.name}`;
  const shared = { value: text, 'aria-describedby': noteId, 'aria-invalid': fault !== undefined } as const;
  return (
    <label className="form-field">
      <span>
        {field.name}
        {!field.isOptional && <span className="soft"> required</span>}
        {field.isPrivate && <span className="soft"> private</span>}
      </span>
      {kind === 'choice' || kind === 'flag' ? (
        <select {...shared} onChange={(event) => onText(event.target.value)}>
          <option value="" />
          {(kind === 'flag' ? ['true', 'false'] : field.values).map((value) => (
            <option key={value}>{value}</option>
          ))}
        </select>
      ) : kind === 'json' ? (
        <textarea {...shared} rows={2} spellCheck={false} placeholder="JSON" onChange={(event) => onText(event.target.value)} />
      ) : (
        <input {...shared} type="text" inputMode={kind === 'integer' ? 'numeric' : kind === 'float' ? 'decimal' : 'text'} autoComplete="off" spellCheck={false} onChange={(event) => onText(event.target.value)} />
      )}
      <span id={noteId} className={fault === undefined ? 'soft form-note' : 'failure form-note'}>
        {fault !== undefined ? `${field.name} ${fault}` : `${field.type}${field.description === '' ? '' : `: ${field.description}`}`}
      </span>
    </label>
  );
}
