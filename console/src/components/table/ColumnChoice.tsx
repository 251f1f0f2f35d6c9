import { Popover } from '../page/Popover';
import type { Column } from './columns';

interface Props<T> {
  columns: readonly Column<T>[];
  visibility: Record<string, boolean>;
  onVisibility: (id: string, visible: boolean) => void;
}

/** The choice of the columns of a table. */
export function ColumnChoice<T>({ columns, visibility, onVisibility }: Props<T>) {
  const optional = columns.filter(({ show }) => show !== 'always');
  if (optional.length === 0) {
    return null;
  }
  return (
    <Popover label="Columns" className="button button-small">
      {() => (
        <fieldset className="column-list">
          <legend className="visually-hidden">Columns</legend>
          {optional.map(({ id, title }) => (
            <label key={id}>
              <input type="checkbox" checked={visibility[id] !== false} onChange={(event) => onVisibility(id, event.target.checked)} />
              {title}
            </label>
          ))}
        </fieldset>
      )}
    </Popover>
  );
}
