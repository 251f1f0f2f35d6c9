import { use, useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useNavigate } from 'react-router';
import { find } from '../../api/find';
import type { Adapter } from '../../api/types';
import { Modal } from '../../components/page/Modal';
import { useFetch } from '../../live/useFetch';
import { SessionContext } from '../../state/SessionContext';
import { absoluteTimes, setAbsoluteTimes } from '../../state/timeStyle';
import { useStore } from '../../state/store';
import { deadLettersAddress, fetchDeadLetterQueues, fetchTopics } from '../deadLetters';
import type { Theme, ThemeChoice } from '../../state/useTheme';
import { deadLetterChoices, foundChoices, matching, pageChoices, type Choice } from './choices';

const typingMs = 120;
const mostFound = 20;
/** The search starts without the topics of the queue if the host does not send them in this time. */
const topicsMs = 2000;
/** The maximum number of adapters whose dead-letter queue the palette requests. Adapters with the most rejected messages come first. */
const mostAsked = 8;
/** The longest text that the host searches. */
const longestText = 128;

interface Props {
  theme: ThemeChoice;
  /** The palette offers a search of the dead-letter queues of these adapters. */
  adapters: readonly Adapter[];
  onClose: () => void;
}

/** Goes to any page, dashboard, queue, map, adapter, schema, pipeline or circuit by its name. Arrow keys choose, Enter goes. */
export default function Palette({ theme, adapters, onClose }: Props) {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const settled = useSettled(text.trim());
  const absolute = useStore(absoluteTimes);
  const { data, error } = useFetch(useMemo(() => (settled === '' ? null : (signal: AbortSignal) => find(settled, mostFound, signal)), [settled]));

  const user = use(SessionContext)?.name;
  // The code of dashboards is loaded after the palette is open.
  const { data: dashboards } = useFetch(useCallback(async (signal: AbortSignal) => (await import('./dashboardChoices')).dashboardChoices(user, signal), [user]));

  const local = useMemo(() => [...pageChoices(), ...(dashboards ?? []), ...commands(theme, absolute)], [theme, absolute, dashboards]);
  const named = useMemo(
    () => (text.trim() === '' ? local : [...foundChoices(data ?? []), ...matching(local, text)]),
    [text, local, data],
  );
  const isNameless = named.length === 0 && data !== null && settled === text.trim();
  const rejecting = adapters.filter(({ rejectedTotal }) => rejectedTotal > 0).toSorted((a, b) => b.rejectedTotal - a.rejectedTotal);
  const asked = JSON.stringify((rejecting.length > 0 ? rejecting : adapters).slice(0, mostAsked).map(({ name }) => name));
  const { data: queues } = useFetch(useMemo(() => (isNameless ? (signal: AbortSignal) => fetchDeadLetterQueues(JSON.parse(asked) as string[], signal) : null), [isNameless, asked]));
  const choices = isNameless ? deadLetterChoices(queues ?? [], settled, (queue) => void search(queue)) : named;
  const current = choices[Math.min(chosen, choices.length - 1)];

  const search = async (queue: string) => {
    const topics = await fetchTopics(queue, '', AbortSignal.timeout(topicsMs)).catch(() => []);
    void navigate(deadLettersAddress(queue, '', settled, topics));
  };

  const take = (choice: Choice | undefined) => {
    if (choice === undefined) {
      return;
    }
    onClose();
    choice.act?.();
    if (choice.to !== undefined) {
      void navigate(choice.to);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setChosen((before) => (Math.min(before, choices.length - 1) + step + choices.length) % Math.max(choices.length, 1));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      take(current);
    }
  };

  return (
    <Modal className="dialog palette" label="Find" onClose={onClose}>
      <div className="palette-body" onKeyDown={onKeyDown}>
        <input
          type="text"
          role="combobox"
          aria-label="Find a queue, map, adapter, schema, circuit or page"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={current === undefined ? undefined : optionId(choices.indexOf(current))}
          aria-autocomplete="list"
          placeholder="Queue, map, adapter, schema, circuit or page"
          value={text}
          maxLength={longestText}
          autoComplete="off"
          spellCheck={false}
          autoFocus
          onChange={(event) => {
            setText(event.target.value);
            setChosen(0);
          }}
        />
        <ul id="palette-list" role="listbox" aria-label="Results">
          {choices.map((choice, index) => (
            <PaletteOption key={choice.id} id={optionId(index)} choice={choice} selected={choice === current} onTake={take} onPoint={() => setChosen(index)} />
          ))}
        </ul>
        {named.length === 0 && <p className="soft palette-note">{settled === text.trim() ? `No name matches “${text.trim()}”.` : 'Searching…'}</p>}
        {error !== null && <p className="failure palette-note">The host could not search: {error.message}</p>}
      </div>
    </Modal>
  );
}

interface OptionProps {
  id: string;
  choice: Choice;
  selected: boolean;
  onTake: (choice: Choice) => void;
  onPoint: () => void;
}

function PaletteOption({ id, choice, selected, onTake, onPoint }: OptionProps) {
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (selected) {
      item.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [selected]);
  return (
    <li ref={item} id={id} role="option" aria-selected={selected} className="palette-option" onClick={() => onTake(choice)} onPointerMove={onPoint}>
      <span className="palette-title">{choice.title}</span>
      <span className="palette-detail">{choice.detail}</span>
      <span className="palette-kind">{choice.kind}</span>
    </li>
  );
}

function optionId(index: number): string {
  return `palette-${index}`;
}

/** The text after a pause in typing, so that not each key is a request. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState('');
  const settle = useCallback(() => setSettled(text), [text]);
  useEffect(() => {
    const timer = setTimeout(settle, typingMs);
    return () => clearTimeout(timer);
  }, [settle]);
  return settled;
}

function commands(theme: ThemeChoice, absolute: boolean): Choice[] {
  const themes: Record<Theme, string> = { auto: 'Theme of the system', light: 'Light theme', dark: 'Dark theme' };
  return [
    ...Object.entries(themes).map(([name, title]) => ({ id: `theme ${name}`, kind: 'command', title, detail: '', act: () => theme.setTheme(name as Theme) })),
    { id: 'times', kind: 'command', title: absolute ? 'Show ages' : 'Show clock times', detail: '', act: () => setAbsoluteTimes(!absolute) },
  ];
}
