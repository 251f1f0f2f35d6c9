import { useCallback } from 'react';
import { Link } from 'react-router';
import { fetchAdapterComponent } from '../../api/components';
import { addresses } from '../../app/addresses';
import { useFetch } from '../../live/useFetch';

/** The component that an adapter runs; nothing for a built-in adapter. */
export function ComponentNote({ adapter }: { adapter: string }) {
  const { data } = useFetch(useCallback((signal: AbortSignal) => fetchAdapterComponent(adapter, signal), [adapter]));
  if (data === null) {
    return null;
  }
  return (
    <p className="soft">
      Runs <Link to={addresses.components}>{data.component}</Link> {data.version}
      {data.permissions.length > 0 && <>, may use {data.permissions.join(', ')}</>}
    </p>
  );
}
