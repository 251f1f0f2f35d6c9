import { useMemo, useState } from 'react';
import type { MapEntry, StateMap } from '../../api/types';
import { useNow } from '../../state/useNow';
import { StateRow } from './StateRow';
import { useRovingRows } from '../page/useRovingRows';

const byKey = new Intl.Collator('en', { numeric: true });

interface Props {
  map: StateMap;
  entries: readonly MapEntry[];
  live: boolean;
}

export function StateTable({ map, entries, live }: Props) {
  const [openKey, setOpenKey] = useState<string | null>(null);
  const now = useNow(1000, live);
  const sorted = useMemo(() => [...entries].sort((a, b) => byKey.compare(a.key, b.key)), [entries]);
  const { isTabStop, onFocus, onKeyDown } = useRovingRows(sorted.map(({ key }) => key));

  return (
    <div className="rows">
      <table className="state" onKeyDown={onKeyDown}>
        <caption className="visually-hidden">
          Newest {map.schema} per {map.key}; arrow keys move, Enter opens
        </caption>
        <thead>
          <tr>
            <th scope="col">{map.key}</th>
            <th scope="col">Reading</th>
            <th scope="col" className="number">
              Value
            </th>
            <th scope="col" className="number">
              Age
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((entry) => (
            <StateRow
              key={entry.key}
              map={map}
              entry={entry}
              now={now}
              open={openKey === entry.key}
              tabStop={isTabStop(entry.key)}
              onToggle={() => setOpenKey(openKey === entry.key ? null : entry.key)}
              onFocus={onFocus}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
