import { useState, type FormEvent } from 'react';
import { hostNow } from '../../api/hostClock';
import { fixedRange, spanOf, type TimeRange } from '../../state/timeRange';
import { Popover } from '../page/Popover';

interface Props {
  range: TimeRange;
  onRange: (range: TimeRange) => void;
}

/** Two fields for the beginning and the end of a time range. */
export function CustomRange(props: Props) {
  return <Popover label="Custom">{(close) => <RangeForm {...props} onClose={close} />}</Popover>;
}

function RangeForm({ range, onRange, onClose }: Props & { onClose: () => void }) {
  const [failure, setFailure] = useState('');
  // Keeps the span from when the form opened: a span that ends now changes, and would replace the user's input.
  const [{ from, to }] = useState(() => spanOf(range, hostNow()));

  const apply = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const [start, end] = [Date.parse(String(fields.get('from'))), Date.parse(String(fields.get('to')))];
    if (!(start < end)) {
      setFailure('The end must be after the beginning.');
      return;
    }
    onRange(fixedRange(start, end, hostNow()));
    onClose();
  };

  return (
    <form className="range-form" onSubmit={apply}>
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
  );
}

/** The value of a field for local date and time. */
function localText(ms: number): string {
  const date = new Date(ms);
  return new Date(ms - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
