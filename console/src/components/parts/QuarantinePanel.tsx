import type { QuarantinedPart } from '../../api/types';
import { Panel } from '../page/Panel';
import { PartItem } from './PartItem';

/** What the host runs without because a file is damaged; there is no such panel otherwise. */
export function QuarantinePanel({ parts }: { parts: readonly QuarantinedPart[] }) {
  return (
    <Panel id="quarantine" title="Quarantine" note="not opened since the last start">
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
