import { expect, test } from 'vitest';
import { decodeFound } from '../src/api/find';
import { deadLetterChoices, foundChoices, matching, pageChoices } from '../src/app/palette/choices';

test('pages are found by the beginning of a word first', () => {
  expect(matching(pageChoices(), 'ma').map(({ title }) => title)[0]).toBe('Maps');
  expect(matching(pageChoices(), 'ALERT').map(({ to }) => to)).toEqual(['/alerts']);
  expect(matching(pageChoices(), 'nothing')).toEqual([]);
});

test('a part of the host leads to its page, and a kind without a page is left out', () => {
  const found = decodeFound({
    results: [
      { kind: 'queue', name: 'a/b', detail: 'IoTTelemetry' },
      { kind: 'pipeline', name: 'hot', detail: '' },
      { kind: 'planet', name: 'mars', detail: '' },
    ],
  });
  expect(foundChoices(found).map(({ title, to }) => [title, to])).toEqual([
    ['a/b', '/queues/a%2Fb'],
    ['hot', '/circuits'],
  ]);
});

test('a text that matches no name leads to a search of each dead-letter queue', () => {
  const opened: string[] = [];
  const choices = deadLetterChoices(['a', 'b'], 'pump-7', (queue) => opened.push(queue));
  expect(choices.map(({ title, detail }) => [title, detail])).toEqual([
    ['Search dead letters for pump-7', 'a'],
    ['Search dead letters for pump-7', 'b'],
  ]);
  choices[1]!.act!();
  expect(opened).toEqual(['b']);
});
