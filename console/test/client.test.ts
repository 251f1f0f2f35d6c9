import { expect, test } from 'vitest';
import { messagesUrl } from '../src/api/client';

test('all messages of a queue are asked for without patterns', () => {
  expect(messagesUrl('telemetry', 100)).toBe('/api/queues/telemetry/messages?last=100');
  expect(messagesUrl('a b/c', 1, { lattice: '', path: '' })).toBe('/api/queues/a%20b%2Fc/messages?last=1');
});

test('a pattern goes to the host as it was written', () => {
  const url = new URL(messagesUrl('telemetry', 100, { lattice: 'estream.iot.**', path: '/devices/a%2Fb&c/*' }), 'http://host');
  expect([...url.searchParams]).toEqual([
    ['last', '100'],
    ['lattice', 'estream.iot.**'],
    ['path', '/devices/a%2Fb&c/*'],
  ]);
  expect(messagesUrl('telemetry', 5, { lattice: '', path: '/devices/**' })).not.toContain('lattice');
});
