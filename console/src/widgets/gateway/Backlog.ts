import { entryId, type TableEntry } from '@estream/sdk-browser';
import type { BatchItem } from '../frame/protocol';

/** The most lines and characters that wait for one subscription of a frame. */
const mostLines = 1000;
const mostChars = 262_144;

/** The keys of a table that wait for a frame: twice as many as the host sends, because some may wait as removed. */
const mostKeys = 2000;

/** Lines that wait until their frame has acknowledged the last batch. Bounded: drops the oldest lines first. */
export interface Backlog {
  add(lines: readonly string[], dropped: number): void;
  /** Returns and removes the lines that wait; null if no line waits. */
  take(): Omit<BatchItem, 'id'> | null;
  /** Drops the lines that wait. */
  clear(): void;
}

/** The newest messages of a stream, and how many were dropped before them. */
export class StreamBacklog implements Backlog {
  private lines: string[] = [];
  private chars = 0;
  private dropped = 0;

  add(lines: readonly string[], dropped: number): void {
    this.dropped += dropped;
    for (const line of lines) {
      this.lines.push(line);
      this.chars += line.length;
    }
    let first = 0;
    while (first < this.lines.length && (this.lines.length - first > mostLines || this.chars > mostChars)) {
      this.chars -= this.lines[first++]!.length;
    }
    if (first > 0) {
      this.lines = this.lines.slice(first);
      this.dropped += first;
    }
  }

  take(): Omit<BatchItem, 'id'> | null {
    if (this.lines.length === 0 && this.dropped === 0) {
      return null;
    }
    const batch = { lines: this.lines, dropped: this.dropped };
    this.clear();
    return batch;
  }

  clear(): void {
    this.lines = [];
    this.chars = 0;
    this.dropped = 0;
  }
}

/** The last line of each key of a table. Only a later line of the key replaces a line: the host does not send a change again. */
export class TableBacklog implements Backlog {
  private readonly lines = new Map<string, string>();
  /** Whether something has arrived. The first lines of an empty table are none. */
  private hasNews = false;

  add(lines: readonly string[]): void {
    this.hasNews = true;
    for (const line of lines) {
      const key = keyOf(line);
      this.lines.delete(key);
      this.lines.set(key, line);
      if (this.lines.size > mostKeys) {
        this.lines.delete(this.lines.keys().next().value!);
      }
    }
  }

  take(): Omit<BatchItem, 'id'> | null {
    if (!this.hasNews) {
      return null;
    }
    const batch: string[] = [];
    let chars = 0;
    for (const [key, line] of this.lines) {
      if (batch.length > 0 && (batch.length === mostLines || chars + line.length > mostChars)) {
        break;
      }
      batch.push(line);
      chars += line.length;
      this.lines.delete(key);
    }
    this.hasNews = this.lines.size > 0;
    return { lines: batch, dropped: 0 };
  }

  clear(): void {
    this.lines.clear();
    this.hasNews = false;
  }
}

function keyOf(line: string): string {
  return entryId(JSON.parse(line) as TableEntry);
}
