import type { ReactNode } from 'react';
import type { Placed } from '../../api/types';
import { CopyJson } from './CopyJson';
import { MessageFields } from './MessageFields';
import { PlaceFields } from './PlaceFields';

interface Props {
  id: string;
  entry: Placed;
  schema: string;
  /** The queue, if it has a witness. */
  witnessed?: string;
  /** Links and buttons beside the heading. */
  actions?: ReactNode;
}

/** All data of one message below its row: its decoded fields, then where and when it was appended. */
export function MessageDetail({ id, entry, schema, witnessed, actions }: Props) {
  return (
    <div className="detail" id={id}>
      <div className="detail-head">
        <h2>{schema}</h2>
        <div className="detail-actions">
          {actions}
          <CopyJson value={entry.message} />
        </div>
      </div>
      <MessageFields message={entry.message} />
      <PlaceFields entry={entry} {...(witnessed !== undefined && { witnessed })} />
    </div>
  );
}
