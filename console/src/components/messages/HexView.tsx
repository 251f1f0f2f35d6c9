import { dump } from '../../format/hex';
import { formatCount } from '../../format/number';
import { ScrollBox } from '../page/ScrollBox';

export function HexView({ hex, label = 'Bytes' }: { hex: string; label?: string }) {
  const { lines, byteLength, omitted } = dump(hex);
  return (
    <div className="hex">
      <p className="hex-size">{formatCount(byteLength)} bytes</p>
      <ScrollBox className="hex-scroll" label={label}>
        <pre>
          {lines.map((line) => (
            <span key={line.offset} className="hex-line">
              <span className="hex-offset">{line.offset}</span>
              <span className="hex-bytes">{line.hex}</span>
              <span className="hex-text">{line.text}</span>
            </span>
          ))}
        </pre>
      </ScrollBox>
      {omitted > 0 && <p className="hex-size">{formatCount(omitted)} more bytes are not shown.</p>}
    </div>
  );
}
