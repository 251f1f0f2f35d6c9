// The other side of PacketTests.cs: reads packets of ours with mqtt-packet, and writes others that we read.
import { readFileSync, writeFileSync } from 'node:fs';
import mqtt from 'mqtt-packet';

const [casesFile, answersFile] = process.argv.slice(2);
const version = { protocolVersion: 5 };

const read = (hex) => {
  const parser = mqtt.parser(version);
  const packets = [];
  parser.on('packet', (packet) => packets.push(packet));
  parser.on('error', (error) => packets.push({ cmd: `error: ${error.message}` }));
  parser.parse(Buffer.from(hex, 'hex'));
  return packets.length === 1 ? packets[0] : { cmd: `${packets.length} packets` };
};

const publish = (packet) => {
  const { topicAlias = 0, messageExpiryInterval = null, subscriptionIdentifier = [], userProperties = {} } = packet.properties ?? {};
  return {
    Topic: packet.topic,
    Qos: packet.qos,
    IsDuplicate: packet.dup,
    IsRetained: packet.retain,
    PacketId: packet.messageId ?? 0,
    TopicAlias: topicAlias,
    Expiry: messageExpiryInterval,
    SubscriptionIds: [].concat(subscriptionIdentifier),
    UserProperties: Object.entries(userProperties).map(([key, value]) => `${key}=${value}`),
    Payload: packet.payload.toString('hex'),
  };
};

const written = (wanted) => {
  const properties = {};
  if (wanted.TopicAlias !== 0) properties.topicAlias = wanted.TopicAlias;
  if (wanted.Expiry !== null) properties.messageExpiryInterval = wanted.Expiry;
  if (wanted.SubscriptionIds.length > 0) properties.subscriptionIdentifier = wanted.SubscriptionIds;
  if (wanted.UserProperties.length > 0) properties.userProperties = Object.fromEntries(wanted.UserProperties.map((pair) => pair.split('=')));
  return mqtt
    .generate(
      {
        cmd: 'publish',
        topic: wanted.Topic,
        qos: wanted.Qos,
        dup: wanted.IsDuplicate,
        retain: wanted.IsRetained,
        messageId: wanted.PacketId,
        payload: Buffer.from(wanted.Payload, 'hex'),
        properties,
      },
      version,
    )
    .toString('hex');
};

const told = (packet) => {
  const filters = (packet.subscriptions ?? []).map(({ topic, qos }) => ` ${topic}:${qos}`).join('');
  return `${packet.cmd} ${packet.messageId ?? '-'} ${packet.reasonCode ?? '-'}${filters}${(packet.unsubscriptions ?? []).map((topic) => ` ${topic}`).join('')}`;
};

const answers = JSON.parse(readFileSync(casesFile, 'utf8')).map(({ Ours, Wanted }) => {
  const packet = read(Ours);
  return {
    Told: told(packet),
    Read: packet.cmd === 'publish' ? publish(packet) : null,
    Theirs: Wanted === null ? '' : written(Wanted),
  };
});
writeFileSync(answersFile, JSON.stringify(answers));
