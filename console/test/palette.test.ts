import { expect, test } from 'vitest';
import { decodeFound } from '../src/api/find';
import { foundChoices, matching, pageChoices } from '../src/app/palette/choices';

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
