import { digits, walk } from './noise.ts';
import type { MockState } from './state.ts';
import { limitOf } from './wire.ts';

/** The members of the overview about copies of queues and maps. */
export function replicationRows(state: MockState): unknown[] {
  const seconds = state.now() / 1000;
  const row = (queue: string, role: string, mode: string, detail: string, lag: number, more: object = {}): unknown => ({
    queue, role, state: mode, detail, kind: 'queue', owner: '', epoch: 7, position: '@9007199856740993', lagMessages: lag, lagBytes: lag * 208,
    lagSeconds: Math.max(0, Number((lag / 412 + 0.004 * walk(queue, seconds)).toFixed(3))), connectionsTotal: 3, unreadableTotal: 0, ...more,
  });
  return [
    row('orders', 'publisher', 'running', '', 4),
    row('executions', 'publisher', 'running', '', 2),
    row('payments', 'publisher', 'disconnected', 'broker b2.acme.internal:5671 refused the connection; 1 of 3 brokers is left, and 2 are needed', 1_812, { lagSeconds: 571.4, connectionsTotal: 19 }),
    row('drop-copies', 'follower', 'catching up', '', 0, { lagSeconds: 84.2, position: '@9007199254991104' }),
    row('settings', 'publisher', 'running', '', 0, { kind: 'map' }),
    row('site-b-settings', 'follower', 'running', '', 0, { kind: 'map', owner: 'site-b', lagSeconds: 0.4 }),
  ];
}

export function replicaRows(): unknown[] {
  return [
    { name: 'replica-trades', source: 'queue trades', folder: '/mnt/site-b/queues/trades', state: 'running', detail: '', copiedTotal: 8_201_114, lagMessages: 210 },
    { name: 'site-b', source: 'map settings', folder: '/mnt/site-b/maps/settings', state: 'running', detail: '', copiedTotal: 41_204, lagMessages: 0 },
  ];
}

export function multicastRows(): unknown[] {
  const common = { detail: '', fallback: '', invalidTotal: 0, droppedTotal: 0, naksTotal: 41, retransmitsTotal: 39, restoredTotal: 0, lossesTotal: 0, lagBytes: 2_048 };
  return [
    { name: 'quotes-out', role: 'publisher', queue: 'quotes', endPoint: '239.1.2.3:4711', state: 'running', transport: 'af_xdp', receivers: 4, packetsTotal: 88_204_117, ...common },
    { name: 'prices-in', role: 'subscriber', queue: 'tunnel-fans', endPoint: '239.1.2.9:4712', state: 'catching up', transport: 'udp', receivers: 0, packetsTotal: 1_204_118, ...common, fallback: 'AF_XDP needs an interface. Set Multicast:Interface.', restoredTotal: 118, lossesTotal: 2 },
  ];
}

export function witnessRows(state: MockState): unknown[] {
  const row = (queue: string, waiting: number, rate: number, mode = 'running', detail = ''): unknown => ({
    queue, state: mode, detail, attestedTotal: 12_448_901 - waiting, waiting, lastAttestedAt: new Date(state.now() - (mode === 'running' ? 640 : 4_100_000)).toISOString(), ratePerSecond: rate,
  });
  return [row('orders', 91, 412), row('telemetry', 1_204, 1_180), row('payments', 14_204, 0, 'failing', 'the key payments.key cannot be read: permission denied. Give the user of the host read access.')];
}

export function attestations(queue: string, url: URL, state: MockState): unknown[] {
  return Array.from({ length: Math.min(limitOf(url, 20, 1000), Number(url.searchParams.get('last') ?? 20), 200) }, (_, index) => {
    const number = 48_201 + index;
    return {
      number, messages: 12_400_000 + index * 412, firstSequence: '@0', lastSequence: `@${12_400_000 + index * 412}`, signedAt: new Date(state.now() - (200 - index) * 1000).toISOString(),
      root: digits(`${queue}/${number}`, 64), stateRoot: null, keyId: digits(queue, 64),
    };
  });
}

export function inclusion(queue: string, sequence: string, state: MockState): unknown {
  return {
    queue, sequence: `@${sequence}`, time: '@1780000000000000000', index: `@${sequence}`, leaf: digits(`leaf${sequence}`, 64), path: [digits('a', 64), digits('b', 64)],
    attestation: attestations(queue, new URL('http://mock/?last=1'), state)[0], file: `/api/queues/${queue}/messages/${sequence}/proof`,
  };
}

export function cardRows(): unknown[] {
  const counters = { answered: 40_118_204, unanswered: 12, failures: 0, submissions: 40_118_216, appends: 38_204_118, mapChanges: 1_904_112, mapEntries: 24_118, hotHits: 812_004, hotMisses: 41_204, leafHashes: 12_448_901, stallCycles: 9_120 };
  const idle = Object.fromEntries(Object.keys(counters).map((name) => [name, 0]));
  return [
    { name: 'vfio:0000:3b:00.0', backend: 'pcie', isSimulated: false, engines: 'append, map, leaf hash', state: 'running', detail: '', ...counters },
    { name: 'sim:', backend: 'sim', isSimulated: true, engines: 'append, map', state: 'running', detail: '', ...idle, answered: 410 },
    { name: 'vfio:0000:5e:00.0', backend: 'pcie', isSimulated: false, engines: '', state: 'failing', detail: 'no device 0000:5e:00.0; bind it to vfio-pci', ...idle, unanswered: 9_120 },
  ];
}
