import { useMemo } from 'react';
import { fetchMaps } from '../../api/maps';
import { useOverview } from '../../live/LiveContext';
import { useFetch } from '../../live/useFetch';
import type { PartKind } from './configForm';

const mostNames = 500;

async function fetchMapNames(signal: AbortSignal): Promise<string[]> {
  return (await fetchMaps('', signal)).maps.map(({ name }) => name);
}

/** The names of the queues, maps, adapters or circuits of the host, for a setting that names one; none for another setting. */
export function usePartNames(kind: PartKind | null): readonly string[] {
  const { queues, adapters, circuits } = useOverview();
  const { data: maps } = useFetch(kind === 'map' ? fetchMapNames : null);
  const joined = (kind === 'queue' ? queues : kind === 'adapter' ? adapters : kind === 'circuit' ? circuits : [])
    .map(({ name }) => name)
    .join('\n');
  return useMemo(() => (kind === 'map' ? (maps ?? []) : joined === '' ? [] : joined.split('\n')).toSorted((a, b) => a.localeCompare(b)).slice(0, mostNames), [kind, maps, joined]);
}
