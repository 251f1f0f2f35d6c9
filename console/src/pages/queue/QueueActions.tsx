import { useState } from 'react';
import { pauseQueue, type QueueDetail } from '../../api/queues';
import { ActionButton, RoleButton } from '../../components/parts/RoleButton';
import { ExportDialog } from './ExportDialog';
import { PublishDialog } from './publish/PublishDialog';
import { RedriveDialog } from './RedriveDialog';

type Open = 'publish' | 'export' | 'redrive' | null;

interface Props {
  queue: QueueDetail;
  onChanged: () => void;
}

/** What a user can do with the queue. The host records each change in its audit trail. */
export function QueueActions({ queue, onChanged }: Props) {
  const [open, setOpen] = useState<Open>(null);
  const isPaused = queue.pauseReasons.includes('operator') || (queue.isPaused && queue.pauseReasons.length === 0);
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen('export')}>
        Export
      </button>
      {queue.isDeadLetters ? (
        <RoleButton role="operator" onClick={() => setOpen('redrive')}>
          Redrive
        </RoleButton>
      ) : (
        <RoleButton role="operator" acceptsScopes refusal={queue.whyNotPublish} onClick={() => setOpen('publish')}>
          Publish
        </RoleButton>
      )}
      <ActionButton role="operator" act={() => pauseQueue(queue.name, !isPaused)} done={`Queue ${queue.name} ${isPaused ? 'resumed' : 'paused'}`} onDone={onChanged}>
        {isPaused ? 'Resume writing' : 'Pause writing'}
      </ActionButton>
      {open === 'export' && <ExportDialog queue={queue} onClose={() => setOpen(null)} />}
      {open === 'publish' && <PublishDialog queue={queue} onClose={() => setOpen(null)} />}
      {open === 'redrive' && <RedriveDialog queue={queue} onClose={() => setOpen(null)} onChanged={onChanged} />}
    </>
  );
}
