import { useCallback } from 'react';
import { Link, useParams } from 'react-router';
import { Page } from '../../app/Page';
import { addresses } from '../../app/addresses';
import { fetchMessage, type MessageDetail } from '../../api/messages';
import { CopyJson } from '../../components/messages/CopyJson';
import { HexView } from '../../components/messages/HexView';
import { MessageFields } from '../../components/messages/MessageFields';
import { PlaceFields } from '../../components/messages/PlaceFields';
import { AnswerError } from '../../components/page/AnswerError';
import { CopyButton } from '../../components/page/CopyButton';
import { EmptyState } from '../../components/page/EmptyState';
import { Panel } from '../../components/page/Panel';
import { formatCount } from '../../format/number';
import { useFetch } from '../../live/useFetch';
import { DeadLetterPanel } from './DeadLetterPanel';
import { Neighbours } from './Neighbours';

/** One message: its fields, its bytes, its place and its proof; of a dead letter also the reason and the bytes that came. */
export default function MessagePage() {
  const { name = '', sequence = '' } = useParams();
  const load = useCallback((signal: AbortSignal) => fetchMessage(name, sequence, signal).then((message) => ({ message })), [name, sequence]);
  const { data, error, reload } = useFetch(load);
  const message = data?.message ?? null;
  return (
    <Page title={`Message ${sequence}`} note={message?.schema} tools={message !== null && <Neighbours queue={name} message={message} />}>
      {message !== null ? (
        <MessageView queue={name} message={message} />
      ) : error !== null ? (
        <AnswerError what={`Message ${sequence}`} error={error} onRetry={reload} />
      ) : data === null ? (
        <p className="soft page-loading">Reading…</p>
      ) : (
        <EmptyState title={`Queue ${name} has no message ${sequence}.`}>
          Retention may have deleted the message, or the message was never appended. <Link to={addresses.queue(name)}>Messages of {name}</Link>
        </EmptyState>
      )}
    </Page>
  );
}

function MessageView({ queue, message }: { queue: string; message: MessageDetail }) {
  return (
    <div className="panels message-page">
      {message.deadLetter !== null && <DeadLetterPanel queue={queue} letter={message.deadLetter} />}
      <Panel
        id="fields"
        title="Fields"
        note={<Link to={addresses.schema(message.schema)}>{message.schema}</Link>}
        tools={<CopyJson value={message.message} />}
      >
        <MessageFields message={message.message} />
      </Panel>
      <Panel id="place" title="Place and proof">
        <PlaceFields entry={message} {...(message.witnessed && { witnessed: queue })} />
      </Panel>
      <Panel id="bytes" title="Stored bytes" note={message.bytes === null && `${formatCount(message.length)} bytes`} tools={message.bytes !== null && <CopyButton text={message.bytes} what="bytes" />}>
        {message.bytes === null ? (
          <p className="soft">The bytes may contain private values and are not shown.</p>
        ) : (
          <HexView hex={message.bytes} label="Stored bytes in hexadecimal" />
        )}
      </Panel>
    </div>
  );
}
