import { useCallback, useRef, useState, type ReactNode } from 'react';
import { useDismiss } from './useDismiss';

interface Props {
  label: string;
  /** What screen readers say. Default: the label. */
  name?: string;
  className?: string;
  /** The content while the box is open. `close` also returns the focus to the button. */
  children: (close: () => void) => ReactNode;
}

/** A button that opens a box below it. */
export function Popover({ label, name, className = 'button', children }: Props) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const hide = useCallback(() => setOpen(false), []);
  useDismiss(box, open, hide);
  const close = () => {
    hide();
    box.current?.querySelector('button')?.focus();
  };
  return (
    <div ref={box} className="popover">
      <button type="button" className={className} aria-expanded={open} aria-label={name} onClick={() => setOpen(!open)}>
        {label}
      </button>
      {open && <div className="popover-body">{children(close)}</div>}
    </div>
  );
}
