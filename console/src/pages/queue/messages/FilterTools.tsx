import { useEffect, useState } from 'react';
import type { QueueDetail } from '../../../api/queues';
import { SearchField } from '../../../components/page/SearchField';
import type { MessageFilter } from './useMessageSearch';

interface Props {
  queue: QueueDetail;
  filter: MessageFilter;
  onFilter: (changes: Record<string, string>) => void;
}

/** The longest expression or pattern that the host accepts. */
const longest = 1024;

/** What the host searches for. A text is applied with Enter or when the field is left, because each change is a search. */
export function FilterTools({ queue, filter, onFilter }: Props) {
  const [more, setMore] = useState(filter.lattice !== '' || filter.path !== '');
  return (
    <>
      {queue.schemas.length > 1 && (
        <label>
          <span className="visually-hidden">Schema</span>
          <select value={filter.schema} onChange={(event) => onFilter({ schema: event.target.value })}>
            <option value="">All schemas</option>
            {queue.schemas.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      <DraftField label="Filter" placeholder="filter, such as value > 70" value={filter.filter} onValue={(value) => onFilter({ filter: value, ...(filter.schema === '' && queue.schemas.length === 1 && { schema: value === '' ? '' : queue.schemas[0]! }) })} wide />
      {more ? (
        <>
          <DraftField label="Addresses" placeholder="path, such as /devices/*/**" value={filter.path} onValue={(path) => onFilter({ path })} />
          <DraftField label="Lattices" placeholder="lattice, such as estream.iot.**" value={filter.lattice} onValue={(lattice) => onFilter({ lattice })} />
        </>
      ) : (
        <button type="button" className="button" onClick={() => setMore(true)}>
          By address
        </button>
      )}
    </>
  );
}

interface DraftProps {
  label: string;
  placeholder: string;
  value: string;
  onValue: (value: string) => void;
  wide?: boolean;
}

/** A field that applies its text when the user presses Enter or leaves the field. An empty text applies at once. */
function DraftField({ value, onValue, ...field }: DraftProps) {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  const apply = (text: string) => text !== value && onValue(text);
  const change = (text: string) => {
    setDraft(text);
    if (text === '') {
      apply('');
    }
  };
  return <SearchField {...field} longest={longest} value={draft} onValue={change} onCommit={() => apply(draft)} />;
}
