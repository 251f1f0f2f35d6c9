import type { ReactNode } from 'react';
import { Modal } from './Modal';

interface Props {
  title: string;
  /** The classes of the box. Default: `dialog`. */
  className?: string;
  onClose: () => void;
  children: ReactNode;
  /** Buttons at the end. */
  actions?: ReactNode;
}

/** A modal dialog with a heading and buttons. */
export function Dialog({ title, className = 'dialog', onClose, children, actions }: Props) {
  return (
    <Modal className={className} label={title} onClose={onClose}>
      <div className="dialog-body">
        <div className="dialog-head">
          <h2>{title}</h2>
          <button type="button" className="button button-small" onClick={onClose}>
            Close
          </button>
        </div>
        {children}
        {actions !== undefined && <div className="dialog-actions">{actions}</div>}
      </div>
    </Modal>
  );
}
