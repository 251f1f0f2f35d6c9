import { expect, test } from 'vitest';
import { messagesUrl } from '../src/api/client';

test('the URL for all messages of a queue has no patterns', () => {
  expect(messagesUrl('telemetry', 100)).toBe('/api/queues/telemetry/messages?last=100');
  expect(messagesUrl('a b/c', 1, { lattice: '', path: '' })).toBe('/api/queues/a%20b%2Fc/messages?last=1');
});

test('a pattern is sent to the host unchanged', () => {
  const url = new URL(messagesUrl('telemetry', 100, { lattice: 'estream.iot.**', path: '/devices/a%2Fb&c/*' }), 'http://host');
  expect([...url.searchParams]).toEqual([
    ['last', '100'],
    ['lattice', 'estream.iot.**'],
    ['path', '/devices/a%2Fb&c/*'],
  ]);
  expect(messagesUrl('telemetry', 5, { lattice: '', path: '/devices/**' })).not.toContain('lattice');
});
