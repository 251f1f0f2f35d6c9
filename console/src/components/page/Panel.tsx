import type { ReactNode } from 'react';

interface Props {
  id: string;
  title: string;
  /** A short note beside the heading. */
  note?: ReactNode;
  /** Controls that belong to the whole panel. */
  tools?: ReactNode;
  children: ReactNode;
}

/** A section of the page: a landmark with a heading, tools and content. */
export function Panel({ id, title, note, tools, children }: Props) {
  return (
    <section id={id} className={`panel panel-${id}`} aria-labelledby={`${id}-title`} tabIndex={-1}>
      <div className="panel-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {note !== undefined && note !== false && <p className="panel-note">{note}</p>}
        {tools !== undefined && tools !== false && <div className="panel-tools">{tools}</div>}
      </div>
      {children}
    </section>
  );
}
