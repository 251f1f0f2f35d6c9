import type { Message } from '../../api/types';
import { digest, subjectOf } from '../../format/digest';
import { formatClock } from '../../format/time';
import { messageId } from '../../live/messageLog';
import { MessageDetail } from './MessageDetail';
import { useFields } from './useFields';

interface Props {
  message: Message;
  open: boolean;
  tabStop: boolean;
  /** Whether its queue has a witness. */
  witnessed: boolean;
  onToggle: (id: string) => void;
  onFocus: (id: string) => void;
}

/** One row of the message list; Enter opens the message. */
export function MessageRow({ message: told, open, tabStop, witnessed, onToggle, onFocus }: Props) {
  const message = useFields(told, open);
  const id = messageId(message);
  const { subject, value, unit } = digest(message.message);
  const name = subjectOf(message.message);
  return (
    <li className="message" data-queue={message.queue}>
      <button
        type="button"
        className="row message-row"
        data-row={id}
        aria-expanded={open}
        aria-controls={open ? `detail-${id}` : undefined}
        tabIndex={tabStop ? 0 : -1}
        onFocus={() => onFocus(id)}
        onClick={() => onToggle(id)}
      >
        <span className="cell-time">{formatClock(message.time)}</span>
        <span className="cell-queue">{message.queue}</span>
        {name !== '' && <span className="cell-key">{name}</span>}
        <span
          className="cell-subject"
          data-wide={value === '' ? '' : undefined}
          data-nameless={name === '' ? '' : undefined}
        >
          {subject}
        </span>
        {value !== '' && (
          <span className="cell-value">
            {value} <span className="unit">{unit}</span>
          </span>
        )}
        <span className="cell-sequence">#{message.sequence.toString()}</span>
      </button>
      {open && <MessageDetail id={`detail-${id}`} entry={message} schema={message.schema} {...(witnessed && { witnessed: message.queue })} />}
    </li>
  );
}
