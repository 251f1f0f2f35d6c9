import { useCallback, useState } from 'react';
import { fetchAudit } from '../../api/client';
import { formatClock } from '../../format/time';
import { usePolled } from '../../live/usePolled';
import { Panel } from '../page/Panel';

const shown = 20;
const pollMs = 5000;

/** The newest administrative actions, loaded when the list is opened. */
export function AuditPanel({ live }: { live: boolean }) {
  const [isOpen, setIsOpen] = useState(false);
  const load = useCallback((signal: AbortSignal) => fetchAudit(shown, signal), []);
  const { data, error } = usePolled(load, pollMs, live && isOpen);
  return (
    <Panel id="audit" title="Audit">
      <details className="part-more" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary>Administrative actions</summary>
        {error !== null ? (
          <p className="part-detail">{error}</p>
        ) : data === null ? (
          <p className="part-detail">The audit log is disabled on this host, or the host has not responded yet.</p>
        ) : (
          <ol className="attestations" aria-label="Last actions, newest first">
            {data.toReversed().map(({ sequence, at, who, action, outcome }) => (
              <li key={String(sequence)} data-outcome={outcome}>
                <time>{formatClock(at)}</time> {who}: <span className="value">{action}</span> {outcome}
              </li>
            ))}
          </ol>
        )}
      </details>
    </Panel>
  );
}
