import type { QuarantinedPart } from '../../api/types';
import { Panel } from '../page/Panel';
import { PartItem } from './PartItem';

/** The parts that the host did not open because a file is damaged; hidden if there are none. */
export function QuarantinePanel({ parts }: { parts: readonly QuarantinedPart[] }) {
  return (
    <Panel id="quarantine" title="Quarantine" note="not opened at the last start">
      <ul className="parts">
        {parts.map(({ kind, name, reason }) => (
          <PartItem
            key={`${kind} ${name}`}
            name={name}
            kind={kind}
            mark="unhealthy"
            state="quarantined"
            detail={reason}
            figures={[]}
          />
        ))}
      </ul>
    </Panel>
  );
}
