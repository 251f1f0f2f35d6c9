import type { Placed } from '../../api/types';
import { flatten } from '../../format/fields';
import { CopyJson } from './CopyJson';
import { FieldValue } from './FieldValue';
import { ProofValue } from '../witness/ProofValue';
import { TimeValue } from '../page/TimeValue';

interface Props {
  id: string;
  entry: Placed;
  schema: string;
  /** The queue, if it has a witness. */
  witnessed?: string;
}

/** All data of one message: its decoded fields, then where and when it was appended. */
export function MessageDetail({ id, entry, schema, witnessed }: Props) {
  const { fields, omitted } = flatten(entry.message);
  return (
    <div className="detail" id={id}>
      <div className="detail-head">
        <h3>{schema}</h3>
        <CopyJson value={entry.message} />
      </div>
      <dl className="fields">
        {fields.map((field) => (
          <div key={field.path}>
            <dt>{field.path}</dt>
            <dd>
              <FieldValue {...field} />
            </dd>
          </div>
        ))}
      </dl>
      {omitted > 0 && <p className="soft">{omitted} more values are not shown; copy the JSON to see them.</p>}
      <dl className="fields fields-place">
        {entry.address !== undefined && (
          <div>
            <dt>address</dt>
            <dd className="value">{entry.address}</dd>
          </div>
        )}
        <div>
          <dt>appended</dt>
          <dd>
            <TimeValue nanos={entry.time} />
          </dd>
        </div>
        <div>
          <dt>sequence</dt>
          <dd className="value">{entry.sequence.toString()}</dd>
        </div>
        <div>
          <dt>position</dt>
          <dd className="value">
            {entry.position.toString()} <span className="soft">0x{entry.position.toString(16)}</span>
          </dd>
        </div>
        {witnessed !== undefined && (
          <div>
            <dt>proof</dt>
            <dd>
              <ProofValue queue={witnessed} sequence={entry.sequence} />
            </dd>
          </div>
        )}
      </dl>
    </div>
  );
}
