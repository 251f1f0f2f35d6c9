// The script of PacketTests.cs: reads packets of the product with mqtt-packet and writes others that the product reads.
import { readFileSync, writeFileSync } from 'node:fs';
import mqtt from 'mqtt-packet';

const [casesFile, answersFile] = process.argv.slice(2);
const bytesNames = ['password', 'payload', 'authenticationData'];

// The parser reports these fields of the fixed header for every packet, but only PUBLISH has them.
const headerNames = ['retain', 'qos', 'dup', 'length', 'topic', 'payload'];

const read = (hex, version) => {
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

const publishPacket = (wanted) => {
  const properties = {};
  if (wanted.TopicAlias !== 0) properties.topicAlias = wanted.TopicAlias;
  if (wanted.Expiry !== null) properties.messageExpiryInterval = wanted.Expiry;
  if (wanted.SubscriptionIds.length > 0) properties.subscriptionIdentifier = wanted.SubscriptionIds;
  if (wanted.UserProperties.length > 0) properties.userProperties = Object.fromEntries(wanted.UserProperties.map((pair) => pair.split('=')));
  return {
    cmd: 'publish',
    topic: wanted.Topic,
    qos: wanted.Qos,
    dup: wanted.IsDuplicate,
    retain: wanted.IsRetained,
    messageId: wanted.PacketId,
    payload: Buffer.from(wanted.Payload, 'hex'),
    properties,
  };
};

// Converts bytes to hexadecimal digits and back.
const digits = (value) => {
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (Array.isArray(value)) return value.map(digits);
  return value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, digits(each)])) : value;
};

const bytes = (value, name) => {
  if (bytesNames.includes(name)) return Buffer.from(value, 'hex');
  if (Array.isArray(value)) return value.map((each) => bytes(each));
  return value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, bytes(each, key)])) : value;
};

const other = (packet) => digits(Object.fromEntries(Object.entries(packet).filter(([name, value]) => !headerNames.includes(name) && value !== undefined)));

const answers = JSON.parse(readFileSync(casesFile, 'utf8')).map(({ Version, Ours, Wanted, IsPublish }) => {
  const version = { protocolVersion: Version };
  const packet = Ours === '' ? null : read(Ours, version);
  return {
    Read: packet === null ? null : packet.cmd === 'publish' ? publish(packet) : other(packet),
    Theirs: mqtt.generate(IsPublish ? publishPacket(Wanted) : bytes(Wanted), version).toString('hex'),
  };
});
writeFileSync(answersFile, JSON.stringify(answers));
