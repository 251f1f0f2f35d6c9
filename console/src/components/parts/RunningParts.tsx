import type { ReactNode } from 'react';
import { Panel } from '../page/Panel';
import type { PartFigure } from './PartItem';
import { PartItem } from './PartItem';

interface RunningPart {
  name: string;
  state: string;
  detail: string;
}

interface Props<T extends RunningPart> {
  id: string;
  title: string;
  parts: readonly T[];
  kindOf: (part: T) => string;
  figuresOf: (part: T) => PartFigure[];
  /** States in which a part runs with problems. */
  alsoRunning?: readonly string[];
  /** More details of a part. */
  moreOf?: (part: T) => ReactNode;
}

/** A panel of parts that should run; parts that do not run are marked. */
export function RunningParts<T extends RunningPart>({ id, title, parts, kindOf, figuresOf, alsoRunning = [], moreOf }: Props<T>) {
  const running = parts.filter((part) => part.state === 'running' || alsoRunning.includes(part.state)).length;
  return (
    <Panel id={id} title={title} note={`${running} of ${parts.length} running`}>
      <ul className="parts">
        {parts.map((part) => (
          <PartItem
            key={part.name}
            name={part.name}
            kind={kindOf(part)}
            mark={part.state === 'running' ? 'healthy' : 'degraded'}
            state={part.state}
            detail={part.detail}
            figures={figuresOf(part)}
          >
            {moreOf?.(part)}
          </PartItem>
        ))}
      </ul>
    </Panel>
  );
}
