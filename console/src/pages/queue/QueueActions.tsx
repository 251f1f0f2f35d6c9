import { useState } from 'react';
import { pauseQueue, type QueueDetail } from '../../api/queues';
import { useMay } from '../../state/SessionContext';
import { announce } from '../../state/announcer';
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
  const mayChange = useMay('operator');
  const [open, setOpen] = useState<Open>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const isPaused = queue.pauseReasons.includes('operator') || (queue.isPaused && queue.pauseReasons.length === 0);

  const toggle = async () => {
    try {
      await pauseQueue(queue.name, !isPaused);
      setFailure(null);
      announce(`Queue ${queue.name} ${isPaused ? 'resumed' : 'paused'}`);
      onChanged();
    } catch (cause) {
      setFailure(cause instanceof Error ? cause.message : String(cause));
    }
  };

  return (
    <>
      {failure !== null && (
        <p className="failure" role="alert">
          {failure}
        </p>
      )}
      <button type="button" className="button" onClick={() => setOpen('export')}>
        Export
      </button>
      {mayChange && (
        <>
          {queue.isDeadLetters && (
            <button type="button" className="button" onClick={() => setOpen('redrive')}>
              Redrive
            </button>
          )}
          {!queue.isDeadLetters && (
            <button type="button" className="button" onClick={() => setOpen('publish')}>
              Publish
            </button>
          )}
          <button type="button" className="button" onClick={() => void toggle()}>
            {isPaused ? 'Resume writing' : 'Pause writing'}
          </button>
        </>
      )}
      {open === 'export' && <ExportDialog queue={queue} onClose={() => setOpen(null)} />}
      {open === 'publish' && <PublishDialog queue={queue} onClose={() => setOpen(null)} />}
      {open === 'redrive' && <RedriveDialog queue={queue} onClose={() => setOpen(null)} onChanged={onChanged} />}
    </>
  );
}
