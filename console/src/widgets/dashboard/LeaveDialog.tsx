import { Dialog } from '../../components/page/Dialog';

interface Props {
  title: string;
  onStay: () => void;
  onLeave: () => void;
}

/** Asks before changes of a dashboard are lost. */
export function LeaveDialog({ title, onStay, onLeave }: Props) {
  return (
    <Dialog
      title="Discard the changes?"
      onClose={onStay}
      actions={
        <>
          <button type="button" className="button button-danger" onClick={onLeave}>
            Discard the changes
          </button>
          <button type="button" className="button button-primary" data-autofocus onClick={onStay}>
            Keep editing
          </button>
        </>
      }
    >
      <p>The changes of {title} are not saved.</p>
    </Dialog>
  );
}
