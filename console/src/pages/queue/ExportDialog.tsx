import { useState } from 'react';
import { exportUrl } from '../../api/messages';
import type { QueueDetail } from '../../api/queues';
import { Dialog } from '../../components/page/Dialog';
import { useUrlState } from '../../state/useUrlState';

interface Props {
  queue: QueueDetail;
  onClose: () => void;
}

/** Downloads a range as JSON lines. The filter of the page applies. */
export function ExportDialog({ queue, onClose }: Props) {
  const [schema] = useUrlState('schema');
  const [filter] = useUrlState('filter');
  const [lattice] = useUrlState('lattice');
  const [path] = useUrlState('path');
  const [from, setFrom] = useState(queue.firstSequence === null ? '' : String(queue.firstSequence));
  const [to, setTo] = useState(queue.nextSequence === null ? '' : String(queue.nextSequence - 1n));
  const complete = point(from) !== null && point(to) !== null;
  return (
    <Dialog
      title={`Export messages of ${queue.name}`}
      onClose={onClose}
      actions={
        complete && (
          <a className="button button-primary" href={exportUrl(queue.name, { from: point(from)!, to: point(to)!, schema, filter, lattice, path })} download={`${queue.name}.jsonl`} onClick={onClose}>
            Download
          </a>
        )
      }
    >
      <p className="soft">
        One JSON object a line, at most 1,000,000 messages. A file with so many may end before the end of the range: continue after its last sequence number. {conditionsText({ schema, filter, lattice, path })}
      </p>
      <label className="form-field">
        From
        <input type="text" value={from} onChange={(event) => setFrom(event.target.value.trim())} aria-invalid={point(from) === null} />
      </label>
      <label className="form-field">
        To
        <input type="text" value={to} onChange={(event) => setTo(event.target.value.trim())} aria-invalid={point(to) === null} />
      </label>
      <p className="soft">Sequence numbers, or times such as 2026-11-30T14:05.</p>
    </Dialog>
  );
}

/** Which messages the file has, from the filter of the page. */
export function conditionsText(conditions: Record<'schema' | 'filter' | 'lattice' | 'path', string>): string {
  const used = Object.entries(conditions).filter(([, value]) => value !== '');
  return used.length === 0 ? '' : `Only messages with ${used.map(([name, value]) => `${name} ${value}`).join(' and ')}.`;
}

/** A sequence number or a time as the host reads it; null if the text is neither. */
function point(text: string): string | null {
  if (/^\d{1,19}$/.test(text)) {
    return `seq:${text}`;
  }
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : `time:${new Date(ms).toISOString()}`;
}
