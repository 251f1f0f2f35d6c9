import { useState } from 'react';
import type { QueueWitness } from '../../api/types';
import { messageId } from '../../live/messageLog';
import { useUrlState } from '../../state/useUrlState';
import { MessageRow } from './MessageRow';
import { MessageTools } from './MessageTools';
import { NoMessages } from './NoMessages';
import { Panel } from '../page/Panel';
import { sampleNote } from '../parts/sampleNote';
import { useMessageList } from './useMessageList';
import { useRovingRows } from '../page/useRovingRows';

interface Props {
  queue: string;
  witnesses: readonly QueueWitness[];
  live: boolean;
}

/**
 * The last messages, decoded. The list is paused while it has the keyboard focus, so that rows do not move while
 * someone reads them, and stays paused after a message is opened.
 */
export function MessagePanel({ queue, witnesses, live }: Props) {
  const [lattice, setLattice] = useUrlState('lattice');
  const [path, setPath] = useUrlState('path');
  const [openId, setOpenId] = useState<string | null>(null);
  const patterns = { lattice, path };
  const { messages, narrowed, error, hold, pause, resume } = useMessageList(queue, patterns, live);
  const { isTabStop, onFocus, onKeyDown } = useRovingRows(messages.map(messageId));
  const paused = hold === 'chosen';

  const toggle = (id: string) => {
    pause('chosen');
    setOpenId(openId === id ? null : id);
  };
  const togglePause = () => {
    if (paused) {
      setOpenId(null);
      resume();
    } else {
      pause('chosen');
    }
  };

  return (
    <Panel
      id="messages"
      title="Messages"
      note={hold === null ? (narrowed ? 'newest first' : sampleNote(messages)) : paused ? 'paused' : 'paused while the list has focus'}
      tools={
        <MessageTools
          patterns={patterns}
          onLattice={setLattice}
          onPath={setPath}
          paused={paused}
          onTogglePause={togglePause}
        />
      }
    >
      {messages.length === 0 ? (
        <NoMessages queue={queue} narrowed={narrowed} error={error} />
      ) : (
        <ol
          className="rows messages"
          aria-label="Messages, newest first; arrow keys move, Enter opens"
          onKeyDown={onKeyDown}
          onFocus={(event) => {
            if (hold === null && event.target.matches(':focus-visible')) {
              pause('reading');
            }
          }}
          onBlur={(event) => {
            if (hold === 'reading' && !event.currentTarget.contains(event.relatedTarget)) {
              resume();
            }
          }}
        >
          {messages.map((message) => {
            const id = messageId(message);
            return (
              <MessageRow
                key={id}
                message={message}
                open={openId === id}
                tabStop={isTabStop(id)}
                witnessed={witnesses.some(({ name }) => name === message.queue)}
                onToggle={toggle}
                onFocus={onFocus}
              />
            );
          })}
        </ol>
      )}
    </Panel>
  );
}
