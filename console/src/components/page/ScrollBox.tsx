import { useEffect, useRef, useState, type ReactNode } from 'react';

interface Props {
  className: string;
  label: string;
  children: ReactNode;
}

/** A box that scrolls if its content is too wide. The Tab key reaches it only while there is something to scroll. */
export function ScrollBox({ className, label, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);

  useEffect(() => {
    const element = box.current!;
    const measure = () =>
      setScrolls(element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    if (element.firstElementChild !== null) {
      observer.observe(element.firstElementChild);
    }
    return () => observer.disconnect();
  }, []);

  return (
    <div ref={box} className={className} {...(scrolls && { role: 'region', 'aria-label': label, tabIndex: 0 })}>
      {children}
    </div>
  );
}
