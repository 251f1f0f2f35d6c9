import { asTimestamp, formatScalar, type Field } from '../../format/fields';
import { looksLikeBytes } from '../../format/hex';
import { Sealed } from './Sealed';
import { HexView } from './HexView';
import { TimeValue } from '../page/TimeValue';

/** The value of one field; bytes as a hex dump and times as a date, too. */
export function FieldValue({ path, value, sealed }: Field) {
  if (sealed === true) {
    return <Sealed />;
  }
  if (typeof value === 'string' && looksLikeBytes(value)) {
    return <HexView hex={value} label={`Bytes of ${path}`} />;
  }
  const nanos = asTimestamp(path, value);
  if (nanos !== null) {
    return <TimeValue nanos={nanos} />;
  }
  return <span className={`value value-${typeof value}`}>{formatScalar(value)}</span>;
}
