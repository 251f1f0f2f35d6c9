import { adapters, queues } from './fleet.ts';

/** The effective settings as a tree; secrets are the text "hidden". */
export function configuration(): unknown {
  return {
    Estream: {
      Data: '/var/lib/estream',
      Http: { Address: '0.0.0.0', Port: 5443, Certificate: '/etc/estream/host.crt', CertificateKey: '/etc/estream/host.key', LoopbackRole: 'operator', Management: { Address: '127.0.0.1', Port: 5081 } },
      Queues: Object.fromEntries(queues.map(({ name, durability, partitions }) => [name, { RetainedAge: '30d', RetainedBytes: 10_737_418_240, Durability: durability ?? 'PageCache', ...(partitions !== undefined && { Partitions: partitions }) }])),
      Maps: { latest: { Queue: 'telemetry', Schema: 'IoTTelemetry', Key: 'device_id' }, 'open-orders': { Queue: 'orders', Schema: 'FixNewOrderSingle', Key: 'client_order_id' } },
      Adapters: Object.fromEntries(adapters.map(({ name, type, detail, queues: into }) => [name, { Type: type, Detail: detail, Mappings: into.map((queue) => ({ Queue: queue })), Password: 'hidden' }])),
      Replication: { Cluster: 'acme', Brokers: ['b1.acme.internal:5671', 'b2.acme.internal:5671', 'b3.acme.internal:5671'], Tls: true, User: 'estream', PasswordFile: '/etc/estream/broker.password', MaxSpoolBytes: 1_073_741_824, Role: 'auto', Publish: ['orders', 'executions', 'payments'], Follow: ['drop-copies'] },
      History: { Enabled: true },
      Alerts: { Rules: { 'disk-free': { Series: 'host/disk-free', Below: 10_737_418_240, ForSeconds: 60, Severity: 'critical' } }, Webhook: { Url: 'https://hooks.acme.internal/estream', SecretFile: '/etc/estream/webhook.secret' } },
      Storage: { MinFreeBytes: 1_073_741_824 },
      Cards: ['vfio:0000:3b:00.0', 'sim:', 'vfio:0000:5e:00.0'],
    },
    Logging: { LogLevel: { Default: 'Information', Microsoft: 'Warning' } },
  };
}
