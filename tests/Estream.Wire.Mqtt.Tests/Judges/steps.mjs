// The script of NodeStepsTests.cs: runs its steps with the client "mqtt" on the broker of a port and prints what each subscriber received, one line each.
import mqtt from 'mqtt';

const LIMIT_MS = 60_000;
const PORT = Number(process.argv[2]);
const V5 = 5;
const V311 = 4;

const shownProperties = ['userProperties', 'contentType', 'responseTopic', 'correlationData', 'payloadFormatIndicator', 'subscriptionIdentifier'];

const plain = (value) => {
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  return value !== null && typeof value === 'object' ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, plain(value[key])])) : value;
};

const told = (packet) => {
  const said = { payload: packet.payload.toString(), qos: packet.qos, retain: packet.retain, topic: packet.topic };
  for (const name of shownProperties) {
    if (packet.properties?.[name] !== undefined) said[name] = packet.properties[name];
  }
  return JSON.stringify(plain(said));
};

// A client that records its messages. It listens before it connects, because a resumed session delivers messages at once.
class Party {
  constructor(name, { version = V5, clean = true, expiry = 0, will, aliases = false } = {}) {
    this.name = name;
    this.version = version;
    this.seen = [];
    this.ends = 0;
    this.waiting = new Set();
    this.client = mqtt.connect({
      host: '127.0.0.1',
      port: PORT,
      clientId: name,
      protocolVersion: version,
      clean,
      will,
      reconnectPeriod: 0,
      connectTimeout: LIMIT_MS,
      ...(version === V5 ? { properties: { sessionExpiryInterval: expiry, topicAliasMaximum: aliases ? 10 : 0 } } : {}),
      ...(aliases ? { autoAssignTopicAlias: true } : {}),
    });
    this.client.on('connect', (answer) => this.changed(() => (this.sessionPresent = answer.sessionPresent)));
    this.client.on('error', (error) => fail(`${name}: ${error.message}`));
    this.client.on('message', (topic, _, packet) => this.changed(() => (topic === 'end' ? this.ends++ : this.seen.push(told({ ...packet, topic })))));
    this.client.on('packetsend', (packet) => {
      if (packet.cmd === 'publish' && packet.topic === '') this.aliased = (this.aliased ?? 0) + 1;
    });
  }

  static async connected(name, options) {
    const party = new Party(name, options);
    await party.until(() => party.sessionPresent !== undefined, 'is connected');
    return party;
  }

  async subscribe(topic, qos = 0, options = {}, subscriptionIdentifier) {
    const asked = subscriptionIdentifier === undefined ? {} : { properties: { subscriptionIdentifier } };
    await this.client.subscribeAsync(topic, { qos, ...options, ...asked });
    return this;
  }

  unsubscribe(topic) {
    return this.client.unsubscribeAsync(topic);
  }

  publish(topic, payload, qos = 0, options = {}) {
    return this.client.publishAsync(topic, payload, { qos, ...options });
  }

  // Ends the session and closes the connection with a DISCONNECT.
  leave(reasonCode) {
    return this.client.endAsync(false, reasonCode === undefined ? {} : { reasonCode });
  }

  // Closes the connection without a DISCONNECT.
  break() {
    return this.client.endAsync(true);
  }

  until(condition, what) {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const limit = setTimeout(() => fail(`${this.name}: in vain it was waited until it ${what}`), LIMIT_MS);
      this.waiting.add({ condition, resolve: () => (clearTimeout(limit), resolve()) });
    });
  }

  changed(change) {
    change();
    for (const one of this.waiting) {
      if (one.condition()) {
        this.waiting.delete(one);
        one.resolve();
      }
    }
  }

  awaitEnd() {
    return this.until(() => this.ends > 0, 'sees the end');
  }

  awaitSeen(count) {
    return this.until(() => this.seen.length >= count, 'sees a message');
  }
}

function fail(why) {
  console.error(why);
  process.exit(1);
}

const show = (step, who, seen) => console.log(step, who, `[${[...seen].sort().join(', ')}]`);

const subscribed = async (name, options, ...subscriptions) => {
  const party = await Party.connected(name, options);
  for (const subscription of subscriptions) await party.subscribe(...subscription);
  return party.subscribe('end', 2);
};

// When the last message has arrived, all earlier ones have: it has QoS 2, as the earlier ones may have.
const close = async (step, publisher, parties) => {
  await publisher.publish('end', '', 2);
  for (const party of parties) {
    await party.awaitEnd();
    show(step, party.name, party.seen);
    await party.leave();
  }
  await publisher.leave();
};

const numbers = (count) => Array.from({ length: count }, (_, index) => index);

async function qualities(version) {
  const publisher = await Party.connected('publisher', { version });
  const parties = [];
  for (const qos of [0, 1, 2]) parties.push(await subscribed(`taker-${qos}`, { version }, ['a/+', qos]));
  for (const qos of [0, 1, 2]) {
    for (const number of numbers(5)) await publisher.publish(`a/${qos}`, `message ${number}`, qos);
  }
  await close(`qualities-${version}`, publisher, parties);
}

async function filters() {
  const publisher = await Party.connected('publisher');
  const parties = [];
  for (const [number, each] of ['f/#', 'f/+', 'f/+/c', '+/b/c', 'f', '/f', '+/+'].entries()) parties.push(await subscribed(`filter-${number}`, {}, [each, 1]));
  for (const topic of ['f', '/f', 'f/', 'f/b', 'f/b/c', 'f/b/c/d', 'g/b/c', 'f//c']) await publisher.publish(topic, topic, 1);
  await close('filters', publisher, parties);
}

async function properties() {
  const publisher = await Party.connected('publisher');
  const taker = await subscribed('taker', {}, ['p/+', 2, {}, 77]);
  await publisher.publish('p/all', 'x', 1, {
    properties: {
      userProperties: { one: ['1', '3'], two: '2' },
      contentType: 'text/plain',
      responseTopic: 'p/answer',
      correlationData: Buffer.from([0, 1, 255]),
      payloadFormatIndicator: true,
    },
  });
  await publisher.publish('p/none', 'y', 2);
  await close('properties', publisher, [taker]);
}

async function retained() {
  const publisher = await Party.connected('publisher');
  const retain = { retain: true };
  for (const number of [1, 2, 3]) await publisher.publish(`r/${number}`, `kept ${number}`, 1, retain);
  await publisher.publish('r/2', '', 1, retain);
  await publisher.publish('r/3', 'kept again', 1, retain);
  const parties = [
    await subscribed('usual', {}, ['r/#', 1]),
    await subscribed('as published', {}, ['r/#', 1, { rap: true }]),
    await subscribed('never', {}, ['r/#', 1, { rh: 2 }]),
    await subscribed('once', {}, ['r/#', 1, { rh: 1 }], ['r/#', 1, { rh: 1 }]),
    await subscribed('older', { version: V311 }, ['r/#', 0]),
  ];
  // A retained message is read when it is sent. If it was replaced before, only the newer one is sent.
  for (const party of parties) await party.awaitSeen(party.name === 'never' ? 0 : 2);
  await publisher.publish('r/1', 'kept live', 1, retain);
  await close('retained', publisher, parties);
  const sweeper = await Party.connected('sweeper');
  for (const number of [1, 3]) await sweeper.publish(`r/${number}`, '', 1, retain);
  await sweeper.leave();
}

async function ownMessages() {
  const publisher = await Party.connected('publisher');
  const deaf = await subscribed('deaf to itself', {}, ['n/#', 1, { nl: true }]);
  const hears = await subscribed('hears itself', {}, ['n/#', 1]);
  await deaf.publish('n/1', 'of the deaf', 1);
  await hears.publish('n/2', 'of the other', 1);
  await close('own messages', publisher, [deaf, hears]);
}

async function unsubscribed() {
  const publisher = await Party.connected('publisher');
  const taker = await subscribed('taker', {}, ['u/1', 1], ['u/2', 1]);
  await taker.unsubscribe('u/1');
  await publisher.publish('u/1', 'unwanted', 1);
  await publisher.publish('u/2', 'wanted', 1);
  await close('unsubscribed', publisher, [taker]);
}

async function wills(version) {
  const will = (topic, payload, qos) => ({ version, will: { topic, payload: Buffer.from(payload), qos, retain: false } });
  const taker = await subscribed('taker', { version }, ['w/#', 2]);
  await (await Party.connected('in peace', will('w/peace', 'not said', 1))).leave();
  await (await Party.connected('lost', will('w/lost', 'said', 1))).break();
  await taker.awaitSeen(1);
  if (version === V5) {
    await (await Party.connected('with its will', will('w/will', 'said', 2))).leave(4);
    await taker.awaitSeen(2);
  }
  await close(`wills-${version}`, await Party.connected('publisher', { version }), [taker]);
}

// The client sets an alias for each topic and sends no topic name from the second message on.
async function aliases() {
  const publisher = await Party.connected('publisher', { aliases: true });
  const taker = await subscribed('taker', { aliases: true }, ['t/#', 1]);
  for (const number of numbers(4)) {
    for (const topic of ['t/one', 't/two', 't/three']) await publisher.publish(topic, `message ${number}`, number % 3);
  }
  console.log('aliases', 'without a name', publisher.aliased);
  await close('aliases', publisher, [taker]);
}

async function sessions(version) {
  const step = `sessions-${version}`;
  const kept = { version, clean: false, expiry: 600 };
  const publisher = await Party.connected('publisher', { version });
  const first = await subscribed('keeper', kept, ['k/#', 2]);
  console.log(step, 'first', first.sessionPresent);
  await first.leave();
  for (const qos of [1, 2]) {
    for (const number of numbers(5)) await publisher.publish(`k/${qos}`, `meanwhile ${number}`, qos);
  }
  await publisher.publish('end', '', 2);
  const again = await Party.connected('keeper', kept);
  await again.awaitEnd();
  console.log(step, 'again', again.sessionPresent);
  show(step, 'keeper', again.seen);
  await again.leave();
  const anew = await Party.connected('keeper', { version });
  console.log(step, 'anew', anew.sessionPresent);
  await anew.leave();
  await publisher.leave();
}

async function shared() {
  const publisher = await Party.connected('publisher');
  const members = [];
  for (const number of [1, 2]) members.push(await subscribed(`member ${number}`, {}, ['$share/group/s/+', 1]));
  for (const number of numbers(20)) await publisher.publish(`s/${number}`, 'each once', 1);
  // Messages of a group and of a member's own subscriptions have no common order, so the last message proves nothing here.
  const all = () => members.flatMap((member) => member.seen);
  await Promise.race(members.map((member) => member.until(() => all().length >= 20, 'and the other have seen all')));
  await publisher.publish('end', '', 2);
  for (const member of members) await member.awaitEnd();
  show('shared', 'all members', all());
  for (const party of [...members, publisher]) await party.leave();
}

for (const version of [V5, V311]) {
  await qualities(version);
  await sessions(version);
  await wills(version);
}
await filters();
await properties();
await retained();
await ownMessages();
await unsubscribed();
await aliases();
await shared();
console.log('done');
process.exit(0);
