import { useEffect, useRef, type ReactNode } from 'react';
import { useLocation } from 'react-router';
import { Breadcrumbs } from './Breadcrumbs';
import { pageTitle } from './useConnectionNews';

interface Props {
  /** The heading, also the title of the tab. */
  title: string;
  /** A short text beside the heading. */
  note?: ReactNode;
  /** Controls of the whole page. */
  tools?: ReactNode;
  /** `fill` gives the page the height of the window, for a list that scrolls by itself. Default: the page scrolls. */
  layout?: 'scroll' | 'fill';
  children: ReactNode;
}

/** The last pathname whose page had the focus; null before the first page. */
let shownPath: string | null = null;

/** A page: breadcrumbs, heading and content. After a navigation, the heading gets the focus, so that a screen reader reads it. */
export function Page({ title, note, tools, layout = 'scroll', children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { pathname } = useLocation();

  useEffect(() => {
    if (shownPath !== null && shownPath !== pathname) {
      heading.current?.focus({ preventScroll: true });
      heading.current?.closest('main')?.scrollTo(0, 0);
    }
    shownPath = pathname;
  }, [pathname]);
  useEffect(() => pageTitle.set(title), [title]);

  return (
    <div className="page" data-layout={layout}>
      <div className="page-head">
        <Breadcrumbs />
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {note !== undefined && note !== '' && <p className="page-note">{note}</p>}
        {tools !== undefined && tools !== false && <div className="page-tools">{tools}</div>}
      </div>
      <div className="page-body">{children}</div>
    </div>
  );
}
