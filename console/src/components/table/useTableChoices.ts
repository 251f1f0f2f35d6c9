import { useMemo } from 'react';
import type { JsonValue } from '../../api/json';
import { usePreference } from '../../state/usePreference';
import { isNumeric, type Column, type Sort } from './columns';

interface Choices {
  visibility: Record<string, boolean>;
  setVisibility: (id: string, visible: boolean) => void;
  sort: Sort | null;
  setSort: (sort: Sort) => void;
}

/** The columns and the order that the user chose for a table. */
export function useTableChoices<T>(name: string, columns: readonly Column<T>[], initialSort: Sort | undefined): Choices {
  const [chosen, setChosen] = usePreference<Record<string, boolean>>(`table.${name}.columns`, none, acceptFlags);
  const [order, setOrder] = usePreference<string>(`table.${name}.sort`, '', acceptText);
  const visibility = useMemo(
    () => Object.fromEntries(columns.map(({ id, show }) => [id, show === 'always' || (chosen[id] ?? show !== 'chosen')])),
    [columns, chosen],
  );
  const known = columns.find(({ id }) => id === order.replace(/^-/, ''));
  const sort = known === undefined ? (initialSort ?? null) : { id: known.id, descending: order.startsWith('-') };
  return {
    visibility,
    setVisibility: (id, visible) => setChosen({ ...chosen, [id]: visible }),
    sort,
    setSort: ({ id, descending }) => setOrder(descending ? `-${id}` : id),
  };
}

/** The order after a click on a header: numbers begin with the largest, a second click turns the order around. */
export function nextSort<T>(columns: readonly Column<T>[], present: Sort | null, id: string): Sort {
  if (present?.id === id) {
    return { id, descending: !present.descending };
  }
  const column = columns.find((one) => one.id === id);
  return { id, descending: column !== undefined && (isNumeric(column) || column.kind === 'time') };
}

const none: Record<string, boolean> = {};

function acceptText(stored: JsonValue): string | null {
  return typeof stored === 'string' ? stored : null;
}

function acceptFlags(stored: JsonValue): Record<string, boolean> | null {
  if (stored === null || typeof stored !== 'object' || Array.isArray(stored)) {
    return null;
  }
  return Object.fromEntries(Object.entries(stored).filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'));
}
