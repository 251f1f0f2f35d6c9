import { useLayoutEffect, useRef, type ReactNode } from 'react';

interface Props {
  className: string;
  label: string;
  onClose: () => void;
  children: ReactNode;
}

/**
 * A modal box over the page. Escape and a click on the backdrop close it, and the focus returns. An element with
 * `data-autofocus` gets the focus at first; otherwise the first control does.
 */
export function Modal({ className, label, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  // A layout effect ends before React removes the box. A box that is removed while it is open does not return the focus.
  useLayoutEffect(() => {
    const box = dialog.current;
    box?.showModal();
    box?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => box?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={className}
      aria-label={label}
      onClose={() => {
        // The event comes later: React may have removed the box or, in the strict mode, opened it again.
        if (dialog.current?.open === false) {
          onClose();
        }
      }}
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
