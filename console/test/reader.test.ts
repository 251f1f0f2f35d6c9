import { expect, test } from 'vitest';
import { Reader } from '../src/api/reader';

test('an error names the path of the member', () => {
  const root = Reader.of({ queues: [{ name: 'a' }, { name: 7 }] });
  expect(() => root.list('queues', (queue) => queue.text('name'))).toThrow(
    "The host's answer was not understood: queues[1].name is a number, expected a string.",
  );
  expect(() => Reader.of({ queues: [{}] }).list('queues', (queue) => queue.text('name'))).toThrow(
    "The host's answer was not understood: queues[0].name is missing.",
  );
  expect(() => Reader.listOf([{}], 'alerts', (item) => item.count('value'))).toThrow('alerts[0].value is missing');
  expect(() => Reader.of([], 'health')).toThrow('health is an array, expected an object');
});

test('an omitted member takes the given value, a member of another type does not', () => {
  const root = Reader.of({ none: null, count: 'x', big: 9007199254740993n });
  expect(root.optionalCount('none', 0)).toBe(0);
  expect(root.optionalText('absent', null)).toBe(null);
  expect(() => root.optionalCount('count', 0)).toThrow('count is a string, expected a number');
  expect(root.exact('big')).toBe(9007199254740993n);
  expect(root.optionalList('absent', () => 1)).toEqual([]);
});

test('an unknown word of a newer host becomes the default', () => {
  expect(Reader.of({ state: 'resting' }).oneOf('state', ['ok', 'firing'], 'firing')).toBe('firing');
});
