import { createElement as h, useEffect, useRef, useState } from 'react';
import { useSubscription, useTable } from '@estream/sdk-browser';

const IMPACT = 'lex://estream/carbon/{lex_id}/impact';
const CREDITS = 'lex://estream/carbon/{lex_id}/credits';
const PER_TONNE = { tonnes: 1, kg: 1_000, lbs: 2_204.622_6 };

/** Returns the value of the last interval, so that a fast stream does not redraw the widget with each message. */
function useSampled(value, milliseconds) {
  const newest = useRef(value);
  const [sample, setSample] = useState(value);
  newest.current = value;
  useEffect(() => {
    const timer = setInterval(() => setSample(newest.current), milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds]);
  return sample.messages?.length > 0 ? sample : value;
}

const sum = (messages, field) => messages.reduce((total, { message }) => total + Number(message?.[field] ?? 0), 0);

/** Returns the newest message of each project. */
const newestByProject = (messages) => [...new Map(messages.map((one) => [one.message?.lex_id, one])).values()];

function Figure({ label, value, unit }) {
  return h('div', null, h('dt', { style: { color: 'var(--ink-soft)' } }, label), h('dd', { style: { margin: 0, fontSize: '1.4rem' } }, value, ' ', unit));
}

export default function ImpactCounter({ collapsed, config }) {
  const unit = config.display_unit in PER_TONNE ? config.display_unit : 'tonnes';
  const interval = Math.min(Math.max(Number(config.refresh_interval_ms) || 5_000, 1_000), 600_000);
  const impact = useSampled(useSubscription(IMPACT, { maxPerSecond: 100, keep: 10_000 }), interval);
  const credits = useSampled(useSubscription(CREDITS, { maxPerSecond: 10, keep: 1_000 }), interval);
  const issued = useTable('carbon_credits');
  const attested = useTable('carbon_attestations');
  const error = impact.error ?? credits.error ?? issued.error ?? attested.error;
  if (error) {
    return h('p', { role: 'alert' }, error.message);
  }

  const show = (tonnes) => (tonnes * PER_TONNE[unit]).toLocaleString(undefined, { maximumFractionDigits: 1 });
  const total = h(Figure, { key: 'impact', label: 'Avoided or removed', value: show(sum(impact.messages, 'tonnes_co2e')), unit });
  if (collapsed) {
    return h('dl', null, total);
  }

  const left = sum(newestByProject(credits.messages), 'available_tonnes');
  return h(
    'dl',
    { style: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(9rem, 1fr))', gap: '0.75rem', margin: 0 } },
    total,
    h(Figure, { key: 'left', label: 'Credits available', value: show(left), unit }),
    h(Figure, { key: 'issued', label: 'Credits issued', value: issued.entries.length.toLocaleString(), unit: '' }),
    h(Figure, { key: 'attested', label: 'Attestations', value: attested.entries.length.toLocaleString(), unit: '' }),
    impact.messages.length === 0 && h('p', { key: 'none' }, impact.isLive ? 'No impact messages yet.' : 'Connecting…'),
  );
}
