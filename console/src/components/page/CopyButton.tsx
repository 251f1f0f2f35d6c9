import { useState } from 'react';
import { announce } from '../../state/announcer';

interface Props {
  text: string;
  /** What is copied, such as "key". */
  what: string;
}

const shownMs = 1200;

/** Copies a text to the clipboard. */
export function CopyButton({ text, what }: Props) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      announce(`${what} copied`);
      setCopied(true);
      setTimeout(() => setCopied(false), shownMs);
    } catch {
      announce('The browser blocked access to the clipboard');
    }
  };
  return (
    <button type="button" className="icon-button" aria-label={`Copy ${what}`} title={`Copy ${what}`} onClick={() => void copy()}>
      <svg viewBox="0 0 14 14" aria-hidden="true">
        {copied ? <path d="M2.5 7.5 5.5 10.5 11.5 3.5" /> : <path d="M4.5 4.5V1.5h8v8h-3M1.5 4.5h8v8h-8z" />}
      </svg>
    </button>
  );
}
