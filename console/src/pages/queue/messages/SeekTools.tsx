import { useEffect, useState } from 'react';
import { isComplete, needsValue, seekTitles, type Seek, type SeekKind } from './seek';

interface Props {
  seek: Seek;
  onSeek: (seek: Seek) => void;
}

const placeholders: Record<string, string> = { seq: '12448000', time: '2026-11-30 14:05', position: '9007199254740993' };

/** Chooses where the list begins. A number or time is applied with Enter or when the field is left. */
export function SeekTools({ seek, onSeek }: Props) {
  const [draft, setDraft] = useState(seek);
  useEffect(() => setDraft(seek), [seek.kind, seek.value]);
  const complete = isComplete(draft);
  const apply = () => {
    if (complete && (draft.kind !== seek.kind || draft.value !== seek.value)) {
      onSeek(draft);
    }
  };
  return (
    <div className="seek">
      <label>
        <span className="visually-hidden">Begin at</span>
        <select
          value={draft.kind}
          onChange={(event) => {
            const kind = event.target.value as SeekKind;
            const next = { kind, value: '' };
            setDraft(next);
            if (!needsValue(kind)) {
              onSeek(next);
            }
          }}
        >
          {Object.entries(seekTitles).map(([kind, title]) => (
            <option key={kind} value={kind}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {needsValue(draft.kind) && (
        <label>
          <span className="visually-hidden">{seekTitles[draft.kind]}</span>
          <input
            type="text"
            className="seek-value"
            inputMode={draft.kind === 'time' ? 'text' : 'numeric'}
            value={draft.value}
            placeholder={placeholders[draft.kind]}
            aria-invalid={draft.value !== '' && !complete}
            autoComplete="off"
            spellCheck={false}
            maxLength={40}
            onChange={(event) => setDraft({ ...draft, value: event.target.value.trim() === '' ? '' : event.target.value })}
            onBlur={apply}
            onKeyDown={(event) => event.key === 'Enter' && apply()}
          />
        </label>
      )}
    </div>
  );
}
