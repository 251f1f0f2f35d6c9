import { Link } from 'react-router';
import { addresses } from '../../app/addresses';
import type { DeadLetter } from '../../api/messages';
import { HexView } from '../../components/messages/HexView';
import { CopyButton } from '../../components/page/CopyButton';
import { Panel } from '../../components/page/Panel';

/** Why an adapter did not accept a message, and the bytes that came. */
export function DeadLetterPanel({ queue, letter }: { queue: string; letter: DeadLetter }) {
  const { adapter, topic, reason, originalBytes } = letter;
  const text = originalBytes === null ? null : textOf(originalBytes);
  return (
    <Panel id="dead-letter" title="Why it was refused" tools={originalBytes !== null && <CopyButton text={text ?? originalBytes} what="original message" />}>
      <p className="refusal">{reason}</p>
      <p className="soft">
        Adapter <Link to={addresses.adapter(adapter)}>{adapter}</Link>
        {topic !== '' && <>, from {topic}</>}. Correct the sender or the mapping of the adapter, then redrive the dead letter in <Link to={addresses.queue(queue)}>{queue}</Link>.
      </p>
      <h3 className="panel-subtitle">Original message</h3>
      {originalBytes === null ? (
        <p className="soft">The bytes may contain private values and are not shown.</p>
      ) : (
        <>
          {text !== null && <pre className="original-text">{text}</pre>}
          <HexView hex={originalBytes} label="Original bytes" />
        </>
      )}
    </Panel>
  );
}

/** Bytes as text, if they are printable UTF-8. */
function textOf(hex: string): string | null {
  const bytes = new Uint8Array((hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}
