import { Link } from 'react-router';
import { fetchComponents } from '../../api/components';
import { addresses } from '../../app/addresses';
import { useFetch } from '../../live/useFetch';

/** The component that an adapter runs; nothing for a built-in adapter. */
export function ComponentNote({ adapter }: { adapter: string }) {
  const { data } = useFetch(fetchComponents);
  const component = data?.find(({ usedBy }) => usedBy.includes(`adapter:${adapter}`));
  if (component === undefined) {
    return null;
  }
  const { name, version, permissions } = component;
  return (
    <p className="soft">
      Runs <Link to={addresses.components}>{name}</Link> {version}
      {permissions.length > 0 && <>, may use {permissions.join(', ')}</>}
    </p>
  );
}
