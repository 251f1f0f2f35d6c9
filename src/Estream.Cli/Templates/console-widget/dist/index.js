import { createElement as h } from 'react';
import { useSubscription } from '@estream/sdk-browser';

// Also declared in estream-component.toml and widget.manifest.yaml: the console refuses other patterns.
const PATTERN = 'lex://acme/doors/devices/{device_id}/telemetry';

const cell = { padding: '0.25rem 0.5rem', textAlign: 'left' };

export default function Doors({ config }) {
  const { messages, dropped, error, isLive } = useSubscription(PATTERN, { maxPerSecond: 50, keep: 100 });
  if (error) {
    return h('p', { role: 'alert' }, error.message);
  }

  if (messages.length === 0) {
    return h('p', null, isLive ? 'No messages yet.' : 'Connecting…');
  }

  const rows = Number(config.rows ?? 5);
  return h(
    'table',
    { style: { width: '100%', borderCollapse: 'collapse' } },
    h('caption', null, dropped > 0 ? `Newest messages (${dropped} left out)` : 'Newest messages'),
    h('thead', null, h('tr', null, ...['Door', 'Metric', 'Value'].map((name) => h('th', { key: name, scope: 'col', style: cell }, name)))),
    h(
      'tbody',
      null,
      messages
        .slice(-rows)
        .reverse()
        .map(({ queue, sequence, message }) =>
          h(
            'tr',
            { key: `${queue} ${sequence}` },
            ['device_id', 'metric_name', 'value'].map((field) => h('td', { key: field, style: cell }, String(message?.[field] ?? ''))),
          ),
        ),
    ),
  );
}
