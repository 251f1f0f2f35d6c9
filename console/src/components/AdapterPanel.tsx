import { useEffect, useRef } from 'react';
import type { Adapter } from '../api/types';
import { announce } from '../state/announcer';
import { AdapterItem } from './AdapterItem';
import { EmptyState } from './EmptyState';
import { Panel } from './Panel';

export function AdapterPanel({ adapters }: { adapters: readonly Adapter[] }) {
  useAnnouncedStates(adapters);
  const healthy = adapters.filter((adapter) => adapter.state === 'healthy').length;
  return (
    <Panel id="adapters" title="Adapters" note={adapters.length > 0 ? `${healthy} of ${adapters.length} healthy` : undefined}>
      {adapters.length === 0 ? (
        <EmptyState title="No adapter is configured.">
          Add one under <code>Estream:Adapters</code> in appsettings.json.
        </EmptyState>
      ) : (
        <ul className="adapters">
          {adapters.map((adapter) => (
            <AdapterItem key={adapter.name} adapter={adapter} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** Speaks when an adapter's state changes; the states the page opens with are there to be read. */
function useAnnouncedStates(adapters: readonly Adapter[]): void {
  const before = useRef<ReadonlyMap<string, string> | null>(null);
  useEffect(() => {
    for (const { name, state, detail } of adapters) {
      const known = before.current?.get(name);
      if (known !== undefined && known !== state) {
        announce(`Adapter ${name} is ${state}${detail === '' ? '' : `: ${detail}`}`);
      }
    }
    before.current = new Map(adapters.map(({ name, state }) => [name, state]));
  }, [adapters]);
}
