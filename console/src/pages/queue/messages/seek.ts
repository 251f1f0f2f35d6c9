/** Where the message list begins. `last` shows the newest first; every other shows the oldest first from there on. */
export type SeekKind = 'last' | 'first' | 'seq' | 'time' | 'position';

export interface Seek {
  kind: SeekKind;
  /** The number or time; '' for `last` and `first`. */
  value: string;
}

export const seekTitles: Record<SeekKind, string> = {
  last: 'Newest',
  first: 'Oldest',
  seq: 'Sequence',
  time: 'Time',
  position: 'Position',
};

/** Reads the parameter `seek`: `last`, `first`, `seq:N`, `time:T` or `position:P`. Anything else is the newest. */
export function parseSeek(text: string): Seek {
  const [, kind = 'last', value = ''] = /^(last|first|seq|time|position)(?::(.*))?$/.exec(text) ?? [];
  const seek = { kind: kind as SeekKind, value };
  return needsValue(seek.kind) && !isComplete(seek) ? { kind: 'last', value: '' } : seek;
}

export function writeSeek({ kind, value }: Seek): string {
  return kind === 'last' ? '' : needsValue(kind) ? `${kind}:${value}` : kind;
}

export function needsValue(kind: SeekKind): boolean {
  return kind === 'seq' || kind === 'time' || kind === 'position';
}

/** Whether the value can be sent to the host. */
export function isComplete({ kind, value }: Seek): boolean {
  if (kind === 'time') {
    return /^\d{10,20}$/.test(value) || !Number.isNaN(Date.parse(value));
  }
  return !needsValue(kind) || /^\d{1,19}$/.test(value);
}

/** The parameter `from` of the host's search. */
export function fromOf({ kind, value }: Seek): string {
  switch (kind) {
    case 'last':
      return 'last:1';
    case 'first':
      return 'seq:0';
    case 'time':
      return `time:${/^\d+$/.test(value) ? value : new Date(value).toISOString()}`;
    default:
      return `${kind}:${value}`;
  }
}
