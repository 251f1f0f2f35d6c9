import { formatBytes, formatCount, formatRate, formatSeconds } from '../../format/number';
import { shortenMiddle } from '../../format/shorten';
import { TimeText } from '../page/TimeText';
import { markOf, StateMark } from '../states/StateMark';
import type { CellContent, CellKind } from './columns';

/** A value as its column shows it; – if it is not known. */
export function CellValue({ value, kind }: { value: CellContent; kind: CellKind }) {
  if (value === null || value === '') {
    return <span className="soft">–</span>;
  }
  if (kind === 'time' && (typeof value === 'number' || typeof value === 'bigint')) {
    return <TimeText at={value} />;
  }
  if (typeof value === 'number' || typeof value === 'bigint') {
    return <>{numberText(value, kind)}</>;
  }
  if (Array.isArray(value)) {
    return <>{value.join(', ')}</>;
  }
  const text = String(value);
  if (kind === 'state') {
    return (
      <span className="cell-state">
        <StateMark state={markOf(text)} />
        {text}
      </span>
    );
  }
  return kind === 'id' ? <span title={text}>{shortenMiddle(text)}</span> : <>{text}</>;
}

function numberText(value: number | bigint, kind: CellKind): string {
  switch (kind) {
    case 'bytes':
      return formatBytes(Number(value));
    case 'rate':
      return formatRate(Number(value));
    case 'duration':
      return formatSeconds(Number(value));
    case 'count':
      return formatCount(Number(value));
    default:
      return value.toString();
  }
}
