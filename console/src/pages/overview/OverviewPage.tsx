import { lazy, Suspense, useState } from 'react';
import { Page } from '../../app/Page';
import { RatesPanel } from '../../components/charts/RatesPanel';
import { Readouts } from '../../components/charts/Readouts';
import { TroubleList } from '../../components/health/TroubleList';
import { Panel } from '../../components/page/Panel';
import { useLive, useOverview } from '../../live/LiveContext';
import { useHealth } from '../../live/useHealth';
import { usePalette } from '../../state/PaletteContext';
import { useStore } from '../../state/store';
import { AdapterSummary } from './AdapterSummary';

const HostHistory = lazy(() => import('./HostHistory'));

/** Problems that are shown before the user asks for all, so that rates and adapters stay in view. */
const shownAtFirst = 5;

/** The state of the host: what does not work first, then figures, rates, adapters and the load of the host. */
export default function OverviewPage() {
  const overview = useOverview();
  const history = useStore(useLive().history);
  const palette = usePalette();
  return (
    <Page title="Overview">
      <TroublePanel />
      <Readouts overview={overview} />
      <div className="overview-columns">
        <RatesPanel overview={overview} history={history} palette={palette} />
        <AdapterSummary adapters={overview.adapters} />
      </div>
      <Suspense>
        <HostHistory />
      </Suspense>
    </Page>
  );
}

function TroublePanel() {
  const { troubles } = useHealth();
  const [all, setAll] = useState(false);
  if (troubles.length === 0) {
    return null;
  }
  const shown = all ? troubles : troubles.slice(0, shownAtFirst);
  return (
    <Panel id="troubles" title="Needs attention" note={troubles.length === 1 ? '1 problem' : `${troubles.length} problems`}>
      <TroubleList troubles={shown} />
      {troubles.length > shownAtFirst && (
        <p className="panel-foot">
          <button type="button" className="text-button" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Show the worst only' : `Show ${troubles.length - shown.length} more`}
          </button>
        </p>
      )}
    </Panel>
  );
}
