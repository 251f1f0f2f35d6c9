import { Link } from 'react-router';
import { addresses } from '../../app/addresses';
import type { MapInfo } from '../../api/maps';
import { Facts } from '../../components/page/Facts';
import { circuitOf } from '../../live/circuitOf';
import { useOverview } from '../../live/LiveContext';
import { formatCount, formatRate } from '../../format/number';

/** What a map holds and who writes it. */
export function MapFacts({ map }: { map: MapInfo }) {
  return (
    <Facts
      facts={[
        { label: 'Entries', value: formatCount(map.entries) },
        { label: 'Changes', value: `${formatRate(map.ratePerSecond)} /s` },
        { label: 'Written by', value: <Source map={map} /> },
        ...(map.key === '' ? [] : [{ label: 'Key', value: map.key }]),
        ...(map.writable ? [] : [{ label: 'Read-only', value: <span className="fact-text">{map.whyReadOnly}</span> }]),
      ]}
    />
  );
}

function Source({ map: { owner, source } }: { map: MapInfo }) {
  const { circuits } = useOverview();
  const address = owner === 'queue' ? addresses.queue(source) : owner === 'circuit' ? addresses.circuit(circuitOf(source, circuits)) : owner === 'pipeline' ? addresses.circuits : owner === 'replica' ? addresses.replication : null;
  return address === null ? (
    <>clients</>
  ) : (
    <>
      {owner} <Link to={address}>{source}</Link>
    </>
  );
}
