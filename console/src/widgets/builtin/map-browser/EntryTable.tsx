import { useMemo } from 'react';
import { Link } from 'react-router';
import type { Entry } from '../../../api/maps';
import { addresses } from '../../../app/addresses';
import { useFieldHints } from '../../../components/messages/useFieldHints';
import { shortenMiddle } from '../../../format/shorten';
import { WidgetTable, type WidgetColumn } from '../shared/WidgetTable';
import { isPlain, keyFieldOf, shownColumns } from './mapBrowser';

interface Props {
  map: string;
  entries: readonly Entry[];
  foot: string | undefined;
}

/** Entries with the fields of their messages, or with their values. */
export function EntryTable({ map, entries, foot }: Props) {
  const plain = isPlain(entries);
  const keyField = keyFieldOf(entries);
  const hints = useFieldHints(
    plain ? '' : (entries[0]?.schema ?? ''),
    entries.map(({ message }) => message ?? {}),
  );
  const columns = useMemo((): WidgetColumn<Entry>[] => {
    const [key, ...others] = shownColumns(hints, keyField, plain);
    // A key that is not UTF-8 has no address.
    const link = ({ key: name, keyBytes }: Entry) => (keyBytes !== null ? name : <Link to={addresses.entry(map, name)}>{shortenMiddle(name, 40)}</Link>);
    return [{ ...key!, cell: link }, ...others];
  }, [hints, keyField, plain, map]);
  return <WidgetTable label={`Entries of ${map}`} columns={columns} rows={entries} rowId={({ key, keyBytes }) => keyBytes ?? key} foot={foot} />;
}
