import { useEffect, useRef, type ReactNode } from 'react';

interface Props {
  className: string;
  label: string;
  onClose: () => void;
  children: ReactNode;
}

/** A modal box over the page. Escape and a click on the backdrop close it, and the focus returns. */
export function Modal({ className, label, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className={className}
      aria-label={label}
      onClose={onClose}
      onMouseDown={(event) => {
        if (event.target === dialog.current) {
          onClose();
        }
      }}
    >
      {children}
    </dialog>
  );
}
