import { useRef, useState, type FormEvent } from 'react';
import { hostNow } from '../../api/hostClock';
import { fixedRange, spanOf, type TimeRange } from '../../state/timeRange';

interface Props {
  range: TimeRange;
  onRange: (range: TimeRange) => void;
}

/** Two fields for the beginning and the end of a time range. Escape closes it. */
export function CustomRange({ range, onRange }: Props) {
  const box = useRef<HTMLDetailsElement>(null);
  const [failure, setFailure] = useState('');
  const { from, to } = spanOf(range, hostNow());

  const close = () => {
    box.current!.open = false;
    box.current!.querySelector('summary')?.focus();
  };
  const apply = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const [start, end] = [Date.parse(String(fields.get('from'))), Date.parse(String(fields.get('to')))];
    if (!(start < end)) {
      setFailure('The end must be after the beginning.');
      return;
    }
    setFailure('');
    onRange(fixedRange(start, end, hostNow()));
    close();
  };

  return (
    <details
      ref={box}
      className="popover"
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          close();
        }
      }}
    >
      <summary className="button">Custom</summary>
      {/* A new key shows the range that was chosen elsewhere. */}
      <form key={`${from} ${to}`} className="popover-body" onSubmit={apply}>
        <label>
          From
          <input type="datetime-local" name="from" step="1" required defaultValue={localText(from)} />
        </label>
        <label>
          To
          <input type="datetime-local" name="to" step="1" required defaultValue={localText(to)} />
        </label>
        {failure !== '' && <p role="alert">{failure}</p>}
        <button type="submit" className="button">
          Apply
        </button>
      </form>
    </details>
  );
}

/** The value of a field for local date and time. */
function localText(ms: number): string {
  const date = new Date(ms);
  return new Date(ms - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
