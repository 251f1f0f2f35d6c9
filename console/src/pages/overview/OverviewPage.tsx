import { Page } from '../../app/Page';
import { RatesPanel } from '../../components/charts/RatesPanel';
import { Readouts } from '../../components/charts/Readouts';
import { TroubleList } from '../../components/health/TroubleList';
import { Panel } from '../../components/page/Panel';
import { AdapterPanel } from '../../components/parts/AdapterPanel';
import { useLive, useOverview } from '../../live/LiveContext';
import { useHealth } from '../../live/useHealth';
import { usePalette } from '../../state/PaletteContext';
import { useStore } from '../../state/store';

/** The state of the host: what does not work first, then rates and adapters. */
export default function OverviewPage() {
  const overview = useOverview();
  const history = useStore(useLive().history);
  const palette = usePalette();
  const { troubles } = useHealth();
  return (
    <Page title="Overview">
      {troubles.length > 0 && (
        <Panel id="troubles" title="Needs attention" note={troubles.length === 1 ? '1 problem' : `${troubles.length} problems`}>
          <TroubleList troubles={troubles} />
        </Panel>
      )}
      <Readouts overview={overview} />
      <RatesPanel overview={overview} history={history} palette={palette} />
      <AdapterPanel adapters={overview.adapters} />
    </Page>
  );
}
