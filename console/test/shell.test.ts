import { expect, test } from 'vitest';
import { addresses } from '../src/app/addresses';
import { crumbsOf } from '../src/app/crumbs';
import { sorted, type CellContent, type Column } from '../src/components/table/columns';
import { targetRow } from '../src/components/table/rowKeys';
import { nextSort } from '../src/components/table/useTableChoices';
import { shortenMiddle } from '../src/format/shorten';

const itself: Column<CellContent> = { id: 'x', title: 'X', value: (row) => row };

test('a page has the pages above it as breadcrumbs, and a name may contain any character', () => {
  expect(crumbsOf('/queues')).toEqual([]);
  expect(crumbsOf(addresses.queue('a/b c'))).toEqual([{ to: '/queues', label: 'Queues' }]);
  expect(crumbsOf(`${addresses.queue('a/b c')}/x`)).toEqual([
    { to: '/queues', label: 'Queues' },
    { to: '/queues/a%2Fb%20c', label: 'a/b c' },
  ]);
});

test('a name in an address that is not valid is shown as it is', () => {
  expect(crumbsOf('/queues/%/messages/1')).toContainEqual({ to: '/queues/%', label: '%' });
});

test('numbers are sorted as numbers, texts with their numbers, and both beyond 2^53', () => {
  expect(sorted(['b10', 'b9', 'a'], itself, false)).toEqual(['a', 'b9', 'b10']);
  expect(sorted([3, 2n ** 60n, -1], itself, false)).toEqual([-1, 3, 2n ** 60n]);
});

test('rows without a value come last in either order, and equal rows keep their order', () => {
  expect(sorted([null, 2, 1, null], itself, false)).toEqual([1, 2, null, null]);
  expect(sorted([null, 2, 1], itself, true)).toEqual([2, 1, null]);
  const rows = [{ id: 'a', rate: 1 }, { id: 'b', rate: 2 }, { id: 'c', rate: 1 }];
  expect(sorted(rows, { id: 'rate', title: 'Rate', value: ({ rate }) => rate }, true).map(({ id }) => id)).toEqual(['b', 'a', 'c']);
});

test('the first click on a number begins with the largest, the second turns the order around', () => {
  const columns: Column<object>[] = [
    { id: 'name', title: 'Name', value: () => '' },
    { id: 'rate', title: 'Rate', kind: 'rate', value: () => 0 },
  ];
  expect(nextSort(columns, null, 'name')).toEqual({ id: 'name', descending: false });
  expect(nextSort(columns, { id: 'name', descending: false }, 'rate')).toEqual({ id: 'rate', descending: true });
  expect(nextSort(columns, { id: 'rate', descending: true }, 'rate')).toEqual({ id: 'rate', descending: false });
});

test('keys move between rows and stop at the ends', () => {
  expect([targetRow('ArrowDown', 4, 5), targetRow('Home', 3, 5), targetRow('PageDown', 0, 5), targetRow('x', 0, 5), targetRow('End', 0, 0)]).toEqual([4, 0, 4, null, null]);
});

test('a long id keeps its beginning and its end', () => {
  expect(shortenMiddle('pump-7')).toBe('pump-7');
  expect(shortenMiddle('urn:uuid:0b5ec2f4-5fd5-4a94-a43c-7e1c9f2d7a11')).toBe('urn:uuid:0b5…c9f2d7a11');
});
