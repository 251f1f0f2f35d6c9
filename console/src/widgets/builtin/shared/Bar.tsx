interface Props {
  /** The length of the bar, 0 to 1. */
  share: number;
  /** The value as text, next to the bar. */
  text: string;
  isOther?: boolean;
}

/** A value as a bar with its text. */
export function Bar({ share, text, isOther = false }: Props) {
  const length = Math.min(Math.max(share, 0), 1) * 100;
  return (
    <span className="bw-bar-cell">
      <svg className="bw-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect className="bw-bar-ground" width="100" height="10" />
        <rect className={isOther ? 'bw-bar-other' : 'bw-bar-value'} width={length} height="10" />
      </svg>
      <span>{text}</span>
    </span>
  );
}
