import { useEffect, useMemo, useState } from "react";
import { isDeclared, WidgetSecurityError } from "./declared.js";
import { useHost } from "./provider.js";
import type { JsonObject, StreamMessage, TableEntry } from "./types.js";

/** The most messages that `keep` may ask for, and the highest rate. */
const mostKept = 10_000;

export interface SubscriptionOptions {
  /** The most messages per second, 1 to 10,000. Default 100. Over it, only the newest messages arrive, and `dropped` counts the others. */
  readonly maxPerSecond?: number;
  /** The number of messages to keep, 1 to 10,000. Default 100. */
  readonly keep?: number;
}

export interface Subscription {
  /** The newest messages, oldest first. */
  readonly messages: readonly StreamMessage[];
  /** The messages that were left out since the subscription began. */
  readonly dropped: number;
  /** Why the subscription ended; null while it runs. */
  readonly error: Error | null;
  /** Whether the host has accepted the subscription and it has not ended. */
  readonly isLive: boolean;
}

/** The entries of a table that are held: twice as many as the host sends, because an entry can arrive before the removal of another. */
const mostEntries = 2000;

const noMessages: Subscription = { messages: [], dropped: 0, error: null, isLive: false };

/**
 * The newest messages of the streams that a pattern selects, for example `lex://acme/doors/{door}/moves`.
 * Throws {@link WidgetSecurityError} if the manifest does not declare the pattern. A new pattern begins with no messages.
 */
export function useSubscription(pattern: string, { maxPerSecond = 100, keep = 100 }: SubscriptionOptions = {}): Subscription {
  const host = useHost();
  if (!isDeclared(host.streams, pattern)) {
    throw new WidgetSecurityError(`The manifest does not declare the stream '${pattern}'. Add it to lex_streams.`);
  }

  const rate = clamp(maxPerSecond);
  const kept = clamp(keep);
  const key = useMemo(() => ({ host, pattern, rate, kept }), [host, pattern, rate, kept]);
  const [found, setFound] = useState({ key, subscription: noMessages });
  useEffect(() => {
    const change = (next: (before: Subscription) => Subscription): void =>
      setFound((before) => ({ key, subscription: next(before.key === key ? before.subscription : noMessages) }));
    return key.host.subscribe(key.pattern, key.rate, {
      opened: () => change((before) => ({ ...before, isLive: true })),
      data: (lines, dropped) =>
        change((before) => ({
          messages: [...before.messages, ...(lines as readonly unknown[] as readonly StreamMessage[])].slice(-key.kept),
          dropped: before.dropped + dropped,
          error: null,
          isLive: true,
        })),
      failed: (error) => change((before) => ({ ...before, error, isLive: false })),
    });
  }, [key]);
  return found.key === key ? found.subscription : noMessages;
}

export interface Table {
  /** The entries, in the order of their keys: the first 1,000 of the table, which are all that the host sends. */
  readonly entries: readonly TableEntry[];
  /** Why the table is no longer updated; null while it is. */
  readonly error: Error | null;
  /** Whether the entries have arrived and are kept up to date. A live table without entries is empty. */
  readonly isLive: boolean;
}

const noEntries: Table = { entries: [], error: null, isLive: false };

/** The entries of a table, kept up to date. Throws {@link WidgetSecurityError} if the manifest does not declare the table. */
export function useTable(name: string): Table {
  const host = useHost();
  if (!host.tables.includes(name)) {
    throw new WidgetSecurityError(`The manifest does not declare the table '${name}'. Add it to eslite_tables.`);
  }

  const key = useMemo(() => ({ host, name }), [host, name]);
  const [found, setFound] = useState({ key, table: noEntries });
  useEffect(() => {
    const entries = new Map<string, TableEntry>();
    const show = (error: Error | null): void => {
      const sorted = [...entries.values()].sort((a, b) => compare(a.key, b.key) || compare(entryId(a), entryId(b)));
      setFound({ key, table: { entries: sorted, error, isLive: error === null } });
    };
    return key.host.subscribe(`table:${key.name}`, mostKept, {
      // The host sends all entries again, but not the keys that were removed.
      opened: () => entries.clear(),
      data: (lines) => {
        for (const line of lines) {
          apply(entries, line);
        }

        show(null);
      },
      failed: show,
    });
  }, [key]);
  return found.key === key ? found.table : noEntries;
}

/** A text that no other entry of the table has, for example as the `key` of a list in React. */
export function entryId({ key, keyBytes }: Pick<TableEntry, "key" | "keyBytes">): string {
  return keyBytes === undefined ? `text ${key}` : `bytes ${keyBytes}`;
}

function apply(entries: Map<string, TableEntry>, line: JsonObject): void {
  const entry = line as unknown as TableEntry;
  if (line["removed"] === true) {
    entries.delete(entryId(entry));
  } else if (entries.size < mostEntries || entries.has(entryId(entry))) {
    entries.set(entryId(entry), entry);
  }
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function clamp(value: number): number {
  return Math.min(mostKept, Math.max(1, Math.floor(value) || 1));
}
