import type { StateMap } from '../../api/types';
import { SearchField } from '../page/SearchField';

interface Props {
  maps: readonly StateMap[];
  map: StateMap;
  onMap: (name: string) => void;
  search: string;
  onSearch: (search: string) => void;
}

/** The maximum key length of a map in bytes; a longer search cannot match. */
const longestKey = 64;

export function StateTools({ maps, map, onMap, search, onSearch }: Props) {
  return (
    <>
      {maps.length > 1 && (
        <label>
          <span className="visually-hidden">Map</span>
          <select value={map.name} onChange={(event) => onMap(event.target.value)}>
            {maps.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      <SearchField label={`${map.key} starts with`} placeholder={`${map.key} starts with…`} longest={longestKey} value={search} onValue={onSearch} />
    </>
  );
}
