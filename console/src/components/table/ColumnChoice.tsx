import { useEffect, useRef } from 'react';
import type { Column } from './columns';

interface Props<T> {
  columns: readonly Column<T>[];
  visibility: Record<string, boolean>;
  onVisibility: (id: string, visible: boolean) => void;
}

/** The choice of the columns of a table. A click outside or Escape closes it. */
export function ColumnChoice<T>({ columns, visibility, onVisibility }: Props<T>) {
  const box = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const closeOutside = (event: Event) => {
      if (box.current?.open && !box.current.contains(event.target as Node)) {
        box.current.open = false;
      }
    };
    addEventListener('pointerdown', closeOutside);
    addEventListener('focusin', closeOutside);
    return () => {
      removeEventListener('pointerdown', closeOutside);
      removeEventListener('focusin', closeOutside);
    };
  }, []);

  const optional = columns.filter(({ show }) => show !== 'always');
  if (optional.length === 0) {
    return null;
  }
  return (
    <details
      ref={box}
      className="column-choice"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && box.current !== null) {
          box.current.open = false;
          box.current.querySelector('summary')?.focus();
        }
      }}
    >
      <summary className="button button-small">Columns</summary>
      <fieldset className="column-list">
        <legend className="visually-hidden">Columns</legend>
        {optional.map(({ id, title }) => (
          <label key={id}>
            <input type="checkbox" checked={visibility[id] !== false} onChange={(event) => onVisibility(id, event.target.checked)} />
            {title}
          </label>
        ))}
      </fieldset>
    </details>
  );
}
