import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { addresses } from '../../app/addresses';
import type { Entry, MapInfo } from '../../api/maps';
import { CopyJson } from '../../components/messages/CopyJson';
import { HexView } from '../../components/messages/HexView';
import { MessageFields } from '../../components/messages/MessageFields';
import { CopyButton } from '../../components/page/CopyButton';
import { formatBytes } from '../../format/number';
import { TimeText } from '../../components/page/TimeText';
import { TimeValue } from '../../components/page/TimeValue';

interface Props {
  map: string;
  /** What is known of the map; null before the first answer. */
  source: MapInfo | null;
  entry: Entry;
  actions?: ReactNode;
}

/** All data of one entry: its value, its version and expiry, and the message that set it. */
export function EntryView({ map, source, entry, actions }: Props) {
  const { key, version, expiresAt, schema, message, text, bytes, length, isPartial, place } = entry;
  return (
    <div className="detail" data-entry={key}>
      <div className="detail-head">
        <h2>{schema || source?.schema || `Value in ${map}`}</h2>
        <div className="detail-actions">
          {actions}
          {message !== null ? <CopyJson value={message} /> : text !== null && <CopyButton text={text} what="value" />}
        </div>
      </div>
      {isPartial && message === null && length !== null && <p className="failure">Only the first part of the value is shown. The whole value has {formatBytes(length)}.</p>}
      {message !== null && <MessageFields message={message} />}
      {text !== null && <pre className="original-text">{text}</pre>}
      {bytes !== null && message === null && text === null && <HexView hex={bytes} />}
      <dl className="fields fields-place">
        <div>
          <dt>key</dt>
          <dd className="value">
            {key} <CopyButton text={key} what="key" />
          </dd>
        </div>
        {version !== null && (
          <div>
            <dt>version</dt>
            <dd className="value">{version.toString()}</dd>
          </div>
        )}
        {expiresAt !== null && (
          <div>
            <dt>expires</dt>
            <dd>
              <TimeText at={expiresAt} />
            </dd>
          </div>
        )}
        {place !== null && (
          <>
            <div>
              <dt>set</dt>
              <dd>
                <TimeValue nanos={place.time} />
              </dd>
            </div>
            <div>
              <dt>by message</dt>
              <dd className="value">
                {source?.owner === 'queue' ? <Link to={addresses.message(source.source, place.sequence)}>{place.sequence.toString()} of {source.source}</Link> : place.sequence.toString()}
              </dd>
            </div>
          </>
        )}
      </dl>
    </div>
  );
}
