import type { Placed } from '../../api/types';
import { CopyButton } from '../page/CopyButton';
import { TimeValue } from '../page/TimeValue';
import { ProofValue } from '../witness/ProofValue';

interface Props {
  entry: Placed;
  /** The queue, if it has a witness. */
  witnessed?: string;
}

/** Where and when a message was appended, and its proof. */
export function PlaceFields({ entry, witnessed }: Props) {
  return (
    <dl className="fields fields-place">
      {entry.address !== undefined && (
        <div>
          <dt>address</dt>
          <dd className="value">
            {entry.address} <CopyButton text={entry.address} what="address" />
          </dd>
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
  );
}
