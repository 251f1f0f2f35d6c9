/** A simulated fleet for work on the page without a host. Development only: not in the build, not used by tests. */
const deviceCount = 1000;
const metrics = [
  { name: 'temperature', unit: '°C', base: 42, swing: 9 },
  { name: 'pressure', unit: 'kPa', base: 310, swing: 25 },
  { name: 'flow', unit: 'l/min', base: 18.4, swing: 3 },
  { name: 'vibration', unit: 'mm/s', base: 2.1, swing: 1.2 },
];

export interface MockMessage {
  position: string;
  sequence: string;
  time: string;
  queue: string;
  schema: string;
  message: unknown;
}

export class MockFleet {
  readonly startedAt = new Date();
  readonly latest = new Map<string, MockMessage>();
  readonly recent: MockMessage[] = [];
  readonly letters: MockMessage[] = [];
  rate = 0;
  private sequence = 773_000n;
  private elapsed = 0;

  /** Simulates half a second of traffic and returns the messages that the event stream would sample. */
  tick(): MockMessage[] {
    this.elapsed += 0.5;
    this.rate = Math.max(0, 1020 + 180 * Math.sin(this.elapsed / 7) + 60 * Math.random());
    const count = Math.round(this.rate / 2);
    this.sequence += BigInt(Math.max(0, count - 50));
    const sample = Array.from({ length: Math.min(count, 50) }, () => this.reading());
    if (Math.random() < 0.04) {
      sample.push(this.deadLetter());
    }
    this.recent.push(...sample.filter((message) => message.queue === 'telemetry'));
    this.recent.splice(0, Math.max(0, this.recent.length - 200));
    return sample;
  }

  overview(): unknown {
    const uptimeSeconds = (Date.now() - this.startedAt.getTime()) / 1000 + 11_520;
    const degraded = Math.floor(this.elapsed / 20) % 3 === 1;
    const messages = Number(this.sequence);
    const tally = { receivedTotal: messages + this.letters.length, rejectedTotal: this.letters.length, restarts: 0 };
    return {
      version: '0.1.0',
      startedAt: this.startedAt.toISOString(),
      uptimeSeconds,
      adapters: [
        { name: 'devices', type: 'mqtt-endpoint', state: 'healthy', detail: 'listening on 127.0.0.1:1883', connections: 1000, ...tally },
        {
          name: 'plant-7',
          type: 'mqtt-client',
          state: degraded ? 'degraded' : 'healthy',
          detail: degraded ? 'broker mqtt.plant-7.internal:8883 refused the connection; retrying in 4 s' : 'connected to mqtt.plant-7.internal:8883 with TLS 1.3',
          connections: degraded ? 0 : 1,
          receivedTotal: 48_211,
          rejectedTotal: 0,
          restarts: 1,
        },
      ],
      queues: [
        { name: 'telemetry', messages, bytes: messages * 128, segments: 3, ratePerSecond: this.rate, durability: 'PageCache', retentionHeldBy: '' },
        { name: 'dead-letters', messages: this.letters.length, bytes: this.letters.length * 220 + 4096, segments: 1, ratePerSecond: Math.random() < 0.1 ? 0.4 : 0, durability: 'PageCache', retentionHeldBy: '' },
      ],
      maps: [{ name: 'latest', queue: 'telemetry', schema: 'IoTTelemetry', key: 'device_id', entries: this.latest.size, ratePerSecond: this.rate }],
      pipelines: [
        {
          name: 'hot',
          queue: 'telemetry',
          schema: 'IoTTelemetry',
          output: 'hot',
          resultSchema: 'Hot',
          state: degraded ? 'failing' : 'running',
          detail: degraded ? "Queue 'hot' has no room: the device is full. Free some, and it goes on." : '',
          readTotal: messages,
          rejectedTotal: 0,
          lateTotal: 0,
          droppedTotal: 0,
          ratePerSecond: this.rate,
        },
        {
          name: 'minutes',
          queue: 'hot',
          schema: 'Hot',
          output: 'hot-minutes',
          resultSchema: 'Minute',
          state: 'running',
          detail: '',
          readTotal: messages,
          rejectedTotal: 3,
          lateTotal: 17,
          droppedTotal: 0,
          ratePerSecond: this.rate,
        },
      ],
    };
  }

  private reading(): MockMessage {
    const device = Math.floor(Math.random() * deviceCount);
    const metric = metrics[device % metrics.length]!;
    const value = metric.base + metric.swing * Math.sin(this.elapsed / 11 + device);
    const key = `pump-${device}`;
    const placed = this.place('telemetry', 'IoTTelemetry', {
      device_id: key,
      timestamp: `@${nowNanos()}`,
      metric_name: metric.name,
      value: Number(value.toFixed(3)),
      unit: metric.unit,
      quality: 90 + (device % 11),
      ...(device % 3 === 0 && { location: { latitude: 59.3293, longitude: 18.0686, altitude_m: 28.5 } }),
      ...(device % 5 === 0 && { metadata: { firmware: '4.2.1', site: 'north quay' } }),
    });
    this.latest.set(key, placed);
    return placed;
  }

  private deadLetter(): MockMessage {
    const letter = this.place('dead-letters', 'DeadLetter', {
      received_at: `@${nowNanos()}`,
      source: 'devices',
      topic: 'devices/pump-404/telemetry',
      reason: 'field value: a number was expected, a string was found at byte 41',
      payload: Buffer.from('{"device_id":"pump-404","value":"not a number","timestamp":1763625600}').toString('hex'),
    });
    this.letters.push(letter);
    return letter;
  }

  private place(queue: string, schema: string, message: unknown): MockMessage {
    this.sequence += 1n;
    return { position: `@${9_007_199_254_740_993n + this.sequence * 128n}`, sequence: `@${this.sequence}`, time: `@${nowNanos()}`, queue, schema, message };
  }
}

function nowNanos(): bigint {
  return BigInt(Date.now()) * 1_000_000n + BigInt(Math.floor(Math.random() * 1_000_000));
}

/** JSON in which a string "@123" stands for the integer 123, which JavaScript could not write without rounding. */
export function toWireJson(value: unknown): string {
  return JSON.stringify(value).replace(/"@(\d+)"/g, '$1');
}
