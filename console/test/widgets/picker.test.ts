import { expect, test } from 'vitest';
import { categoriesOf, matchingWidgets } from '../../src/widgets/picker/matches';
import { permissionText } from '../../src/widgets/picker/permissionText';
import { startedFrom, starters } from '../../src/widgets/dashboard/starters';
import { compacted } from '../../src/widgets/dashboard/layout';
import { builtinWidgets } from '../../src/widgets/builtin';
import { findWidget } from '../../src/widgets/registry';

test('a search finds no widget that lacks one of its words', () => {
  expect(matchingWidgets(builtinWidgets, 'alerts nothing', '')).toEqual([]);
  expect(matchingWidgets(builtinWidgets, 'alerts', 'economics')).toEqual([]);
});

test('a search finds words of the title, the description and the name, the title first', () => {
  expect(matchingWidgets(builtinWidgets, 'LATENCY', '')[0]!.id).toBe('builtin/latency');
  expect(matchingWidgets(builtinWidgets, 'queue-tail', '').map(({ id }) => id)).toEqual(['builtin/queue-tail']);
  expect(matchingWidgets(builtinWidgets, '', '')).toHaveLength(builtinWidgets.length);
});

test('only categories that have a widget are offered', () => {
  expect(categoriesOf(builtinWidgets, ['registry', 'observability'])).toEqual(['observability']);
});

test('permissions are words, and an unknown permission is shown as it is', () => {
  expect(permissionText('data:read.acme')).toBe('Reads streams and tables of “acme”');
  expect(permissionText('data:read.*')).toBe('Reads all streams and tables that you may read');
  expect(permissionText('network:http')).toBe('network:http');
});

test.each(starters)('the starting point $dashboard.title has known widgets within their sizes, without gaps', ({ dashboard: { widgets } }) => {
  expect(compacted(widgets)).toBe(widgets);
  for (const { widget, cols, rows } of widgets) {
    const found = findWidget(widget, null);
    expect(found, widget).not.toBeNull();
    const { minSize, maxSize } = found!;
    expect(cols >= minSize.cols && rows >= minSize.rows && cols <= maxSize.cols && rows <= maxSize.rows, widget).toBe(true);
  }
});

test('a starting point shows the messages of a queue that fits, or lets the widget choose', () => {
  const payments = starters.find(({ dashboard }) => dashboard.title === 'Payments')!;
  const queueOf = (queues: string[]) => startedFrom(payments, queues).widgets.find(({ widget }) => widget === 'builtin/queue-tail')!.config;
  expect(queueOf(['quotes', 'orders'])).toEqual({});
  expect(queueOf(['settlements', 'Payments-in'])).toEqual({ queue: 'Payments-in' });
});
