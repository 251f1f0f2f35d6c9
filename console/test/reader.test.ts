import { expect, test } from 'vitest';
import { readList, readObject } from '../src/api/reader';

test('an error names the path of the member', () => {
  const root = readObject({ queues: [{ name: 'a' }, { name: 7 }, {}] });
  const names = () => root.list('queues', (queue) => queue.text('name'));
  expect(names).toThrow("The host's answer was not understood: queues[1].name is a number, not a text.");
  expect(() => readObject({ queues: [{}] }).list('queues', (queue) => queue.text('name'))).toThrow(
    "The host's answer was not understood: queues[0].name is missing.",
  );
  expect(() => readList([{}], (item) => item.count('n'))).toThrow('[0].n is missing');
  expect(() => readObject([])).toThrow('the whole is a list, not an object');
});

test('an omitted member takes the given value, a member of another type does not', () => {
  const root = readObject({ none: null, count: 'x', big: 9007199254740993n });
  expect(root.countOr('none', 0)).toBe(0);
  expect(root.textOr('absent', null)).toBe(null);
  expect(() => root.countOr('count', 0)).toThrow('count is a text, not a number');
  expect(root.exact('big')).toBe(9007199254740993n);
  expect(root.listOr('absent', () => 1)).toEqual([]);
});

test('an unknown word of a newer host becomes the default', () => {
  expect(readObject({ state: 'resting' }).word('state', ['ok', 'firing'] as const, 'firing')).toBe('firing');
});
