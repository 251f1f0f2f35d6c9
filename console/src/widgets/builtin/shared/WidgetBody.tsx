import type { ReactNode } from 'react';
import { ScrollBox } from '../../../components/page/ScrollBox';
import '../builtin.css';

interface Props {
  /** The name of the widget, for the style sheet and tests. */
  name: string;
  /** A line above the content, such as the part that is shown. */
  head?: ReactNode;
  children: ReactNode;
}

/** The content of a built-in widget: a box of the size that the dashboard gives, in which the content scrolls. */
export function WidgetBody({ name, head, children }: Props) {
  return (
    <div className="bw" data-builtin={name}>
      {head !== undefined && <div className="bw-head">{head}</div>}
      <ScrollBox className="bw-content" label="Content of the widget">
        {children}
      </ScrollBox>
    </div>
  );
}
