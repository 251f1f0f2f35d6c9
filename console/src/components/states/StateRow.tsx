import type { MapEntry, StateMap } from '../../api/types';
import { digest } from '../../format/digest';
import { formatAge, toMs } from '../../format/time';
import { MessageDetail } from '../messages/MessageDetail';

interface Props {
  map: StateMap;
  entry: MapEntry;
  now: number;
  open: boolean;
  tabStop: boolean;
  onToggle: () => void;
  onFocus: (key: string) => void;
}

export function StateRow({ map, entry, now, open, tabStop, onToggle, onFocus }: Props) {
  const { subject, value, unit } = digest(entry.message, map.key);
  const detailId = `entry-${entry.key}`;
  return (
    <>
      <tr className="row state-row" data-key={entry.key} data-open={open ? '' : undefined} onClick={onToggle}>
        <th scope="row">
          <button
            type="button"
            data-row={entry.key}
            aria-expanded={open}
            aria-controls={open ? detailId : undefined}
            tabIndex={tabStop ? 0 : -1}
            onFocus={() => onFocus(entry.key)}
            onClick={(event) => {
              event.stopPropagation();
              onToggle();
            }}
          >
            {entry.key}
          </button>
        </th>
        <td className="cell-subject">{subject}</td>
        <td className="number cell-value">
          {value} {value !== '' && <span className="unit">{unit}</span>}
        </td>
        <td className="number cell-age">{formatAge(now - toMs(entry.time))}</td>
      </tr>
      {open && (
        <tr className="state-detail">
          <td colSpan={4}>
            <MessageDetail id={detailId} entry={entry} schema={map.schema} />
          </td>
        </tr>
      )}
    </>
  );
}
