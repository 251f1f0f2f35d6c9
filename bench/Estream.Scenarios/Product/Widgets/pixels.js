// Counts the messages of a stream, and records for each how long after it was sent the browser had painted it, in milliseconds. The value
// of a message is the time at which it was sent. The clock has a resolution of one millisecond; times are rounded up.
import { useSubscription } from '@estream/sdk-browser';
import { useLayoutEffect, useRef } from 'react';
import { jsx } from 'react/jsx-runtime';

let taken = [];
let dropped = 0;
window.take = () => {
  const all = { milliseconds: taken, dropped };
  taken = [];
  return all;
};

export default function Pixels() {
  const subscription = useSubscription('lex://bench/pixels/all', { maxPerSecond: 10_000, keep: 1_000 });
  const { messages, isLive } = subscription;
  const last = useRef(-1n);
  dropped = subscription.dropped;
  useLayoutEffect(() => {
    const sent = [];
    for (let at = messages.length - 1; at >= 0 && BigInt(messages[at].sequence) > last.current; at--) {
      sent.push(messages[at].message.value);
    }

    if (sent.length > 0) {
      last.current = BigInt(messages.at(-1).sequence);
      requestAnimationFrame(() => afterPaint(() => {
        const now = Date.now() + 1;
        taken.push(...sent.map((time) => now - time));
      }));
    }
  }, [messages]);
  return [
    jsx('p', { id: 'live', children: String(isLive) }, 'live'),
    jsx('ol', { children: messages.slice(-20).map(({ sequence, message }) =>
      jsx('li', { children: `${sequence} ${message.device_id} ${message.value}` }, String(sequence))) }, 'messages'),
  ];
}

// The browser paints after the callbacks of an animation frame and before the next task.
function afterPaint(act) {
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = act;
  port1.postMessage(null);
}
