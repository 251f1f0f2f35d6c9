import { describe, expect, test } from 'vitest';
import { decodeOverview } from '../src/api/decode';
import { parseJson } from '../src/api/json';
import { decodeEntryPage } from '../src/api/maps';
import { decodeLine } from '../src/api/messages';
import type { Queue } from '../src/api/types';
import { backoffMs } from '../src/live/backoff';
import { inReadingOrder } from '../src/live/queueOrder';
import { emptyHistory, summarise, withSample, type RateHistory } from '../src/live/rateHistory';

describe('backoff', () => {
  test('doubles from half a second to ten', () => {
    expect([0, 1, 2, 3, 4, 5, 1000].map((attempt) => backoffMs(attempt, () => 0))).toEqual([
      500, 1000, 2000, 4000, 8000, 10_000, 10_000,
    ]);
  });

  test('subtracts a random part of up to a quarter', () => {
    expect(backoffMs(2, () => 1)).toBe(1500);
  });
});

const idle = { durability: 'PageCache', retentionHeldBy: '', heldBytes: 0, evictedSegments: 0, partitions: 0, isPaused: false };

describe('rate history', () => {
  const queue = (name: string, ratePerSecond: number): Queue => ({ name, ratePerSecond, messages: 0, bytes: 0, segments: 0, ...idle });
  const record = (samples: [number, Queue[]][]): RateHistory =>
    samples.reduce((history, [now, queues]) => withSample(history, now, queues), emptyHistory);

  test('keeps one minute and drops older samples', () => {
    const history = record(Array.from({ length: 400 }, (_, index) => [index / 2, [queue('a', index)]]));
    expect(history.times.at(-1)).toBe(199.5);
    expect(history.times[0]).toBe(138.5);
    expect(history.rates.get('a')).toHaveLength(history.times.length);
  });

  test('draws a time without samples as a gap', () => {
    const history = record([
      [0, [queue('a', 1)]],
      [10, [queue('a', 2)]],
    ]);
    expect(history.rates.get('a')).toEqual([1, null, 2]);
    expect(history.times).toHaveLength(3);
  });

  test('aligns a queue that appears or vanishes with the others', () => {
    const history = record([
      [0, [queue('a', 1)]],
      [0.5, [queue('a', 2), queue('b', 7)]],
      [1, [queue('b', 8)]],
    ]);
    expect(history.rates.get('a')).toEqual([1, 2, null]);
    expect(history.rates.get('b')).toEqual([null, 7, 8]);
    expect(summarise(history.rates.get('a'))).toEqual({ min: 1, mean: 1.5, max: 2 });
  });

  test('is bounded even if samples come too fast', () => {
    const history = record(Array.from({ length: 2000 }, (_, index) => [index / 1000, [queue('a', index)]]));
    expect(history.times).toHaveLength(480);
  });
});

test('queues that feed a map come first, each group in the host\'s order', () => {
  const queues = ['dead-letters', 'alarms', 'telemetry'].map((name): Queue => ({ name, messages: 0, bytes: 0, segments: 0, ratePerSecond: 0, ...idle }));
  const map = (queue: string) => ({ name: 'm', queue, schema: 'S', key: 'k', entries: 0, ratePerSecond: 0, failure: '' });
  const ordered = inReadingOrder({ queues, maps: [map('telemetry'), map('alarms')] });
  expect(ordered.map(({ name }) => name)).toEqual(['alarms', 'telemetry', 'dead-letters']);
});

describe('decoding', () => {
  test('positions, sequences and times of any size are exact', () => {
    const line = decodeLine(parseJson('{"message":{"position":9223372036854775807,"sequence":3,"time":1795163037744217372,"schema":"S","message":{}}}'), 'q');
    const { position, sequence, time } = 'message' in line ? line.message : expect.fail('The line has no message.');
    expect([position, sequence, time]).toEqual([9223372036854775807n, 3n, 1795163037744217372n]);
  });

  test('the error for an invalid answer names the invalid member', () => {
    expect(() => decodeEntryPage(parseJson('{"entries":[{"key":"a","sequence":1}],"total":1}'))).toThrow(/^The host's answer was not understood: entries\[0\].message is missing\.$/);
    expect(() => decodeOverview(parseJson('[]'))).toThrow(/overview is an array, expected an object/);
  });
});
