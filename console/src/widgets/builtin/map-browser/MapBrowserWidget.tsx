import { useCallback, useState } from 'react';
import { Link } from 'react-router';
import { fetchEntries } from '../../../api/maps';
import { addresses } from '../../../app/addresses';
import { EmptyState } from '../../../components/page/EmptyState';
import { SearchField } from '../../../components/page/SearchField';
import { formatCount } from '../../../format/number';
import { listPollMs } from '../../../live/useFetch';
import type { BuiltinProps } from '../../types';
import { Answer } from '../shared/Answer';
import { numberIn, textIn } from '../shared/config';
import { useFirst } from '../shared/useFirst';
import { useHeldOverview } from '../shared/useHeld';
import { useWidgetFetch } from '../shared/useWidgetFetch';
import { WidgetBody } from '../shared/WidgetBody';
import { EntryTable } from './EntryTable';
import { defaultMap, rowBounds } from './mapBrowser';

/** The entries of a map. A new prefix in the settings replaces what the user typed. */
export default function MapBrowserWidget(props: BuiltinProps) {
  return <MapBrowser key={textIn(props.config, 'prefix')} {...props} />;
}

function MapBrowser({ config, time }: BuiltinProps) {
  const { maps } = useHeldOverview(time.isPaused);
  const chosen = textIn(config, 'map');
  const map = useFirst(chosen || defaultMap(maps), chosen);
  const configured = textIn(config, 'prefix');
  const [typed, setTyped] = useState(configured);
  const [prefix, setPrefix] = useState(configured);
  const limit = numberIn(config, 'rows', rowBounds);
  const load = useCallback(async (signal: AbortSignal) => ({ page: await fetchEntries(map, { prefix, after: null, limit }, signal) }), [map, prefix, limit]);
  // The host reads all keys of a map for an answer, so a long map is read more rarely.
  const fetched = useWidgetFetch(map === '' ? null : load, time, (found) => listPollMs(found?.page?.total ?? 0));
  return (
    <WidgetBody
      name="map-browser"
      head={
        map !== '' && (
          <>
            <Link to={addresses.map(map)}>{map}</Link>
            <SearchField label={`Beginning of a key of ${map}`} placeholder="Beginning of a key" longest={1024} value={typed} onValue={setTyped} onCommit={() => setPrefix(typed)} />
          </>
        )
      }
    >
      {map === '' ? (
        <EmptyState title="This host has no map.">
          Add one under <code>Estream:Maps</code>.
        </EmptyState>
      ) : (
        <Answer what={`Map ${map}`} fetched={fetched}>
          {({ page }) =>
            page === null ? (
              <EmptyState title={`This host has no map named ${map}.`}>Choose another map in the settings.</EmptyState>
            ) : page.entries.length === 0 ? (
              <EmptyState title={prefix === '' ? `Map ${map} is empty.` : `No key begins with ${prefix}.`}>{prefix !== '' && 'Remove the prefix to see all entries.'}</EmptyState>
            ) : (
              <EntryTable map={map} entries={page.entries} foot={page.total > page.entries.length ? `${formatCount(page.entries.length)} of ${formatCount(page.total)} entries` : undefined} />
            )
          }
        </Answer>
      )}
    </WidgetBody>
  );
}
