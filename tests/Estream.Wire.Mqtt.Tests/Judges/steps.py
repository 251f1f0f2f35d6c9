"""The script of StepsTests.cs: runs its steps with paho on the broker of a port and prints what each subscriber received, one line each."""
import json
import sys
import threading
import time

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCodes
from paho.mqtt.subscribeoptions import SubscribeOptions

LIMIT_SECONDS = 60
PORT = int(sys.argv[1])


def properties_of(packet, **values):
    made = Properties(packet)
    for name, value in values.items():
        setattr(made, name, value)
    return made


class Party:
    """A client that connects when it is created and records its messages."""

    def __init__(self, name, version=mqtt.MQTTv5, clean=True, expiry=0, will=None):
        self.name = name
        self.seen = []
        self.ends = 0
        self.session_present = None
        self.version = version
        self._acknowledged = set()
        self._changed = threading.Condition()
        arguments = [mqtt.CallbackAPIVersion.VERSION1] if hasattr(mqtt, "CallbackAPIVersion") else []
        named = {} if version == mqtt.MQTTv5 else {"clean_session": clean}
        self.client = mqtt.Client(*arguments, client_id=name, protocol=version, **named)
        self.client.on_connect = self._on_connect
        self.client.on_message = self._on_message
        self.client.on_subscribe = self._on_acknowledged
        self.client.on_unsubscribe = self._on_acknowledged
        if will is not None:
            self.client.will_set(*will)
        if version == mqtt.MQTTv5:
            asked = properties_of(PacketTypes.CONNECT, SessionExpiryInterval=expiry)
            self.client.connect("127.0.0.1", PORT, 60, clean_start=clean, properties=asked)
        else:
            self.client.connect("127.0.0.1", PORT, 60)
        self.client.loop_start()
        self._wait(lambda: self.session_present is not None, "is connected")

    def subscribe(self, topic, qos=0, identifier=None, **options):
        if self.version == mqtt.MQTTv5:
            asked = None if identifier is None else properties_of(PacketTypes.SUBSCRIBE, SubscriptionIdentifier=identifier)
            _, request = self.client.subscribe(topic, options=SubscribeOptions(qos=qos, **options), properties=asked)
        else:
            _, request = self.client.subscribe(topic, qos)
        self._wait(lambda: request in self._acknowledged, "is subscribed to " + topic)
        return self

    def unsubscribe(self, topic):
        _, request = self.client.unsubscribe(topic)
        self._wait(lambda: request in self._acknowledged, "has unsubscribed " + topic)

    def publish(self, topic, payload, qos=0, retain=False, **values):
        said = properties_of(PacketTypes.PUBLISH, **values) if values else None
        message = self.client.publish(topic, payload, qos, retain, said)
        message.wait_for_publish(LIMIT_SECONDS)

    def await_end(self, count):
        self._wait(lambda: self.ends >= count, "sees the end")

    def await_seen(self, count):
        self._wait(lambda: len(self.seen) >= count, "sees a message")

    def leave(self, reason=None):
        if reason is None:
            self.client.disconnect()
        else:
            self.client.disconnect(reasoncode=ReasonCodes(PacketTypes.DISCONNECT, identifier=reason))
        self.client.loop_stop()

    def _wait(self, condition, what):
        with self._changed:
            if not self._changed.wait_for(condition, LIMIT_SECONDS):
                sys.exit(self.name + ": in vain it was waited until it " + what)

    def _on_connect(self, client, userdata, flags, reason, properties=None):
        with self._changed:
            self.session_present = flags["session present"]
            self._changed.notify_all()

    def _on_acknowledged(self, client, userdata, request, *rest):
        with self._changed:
            self._acknowledged.add(request)
            self._changed.notify_all()

    def _on_message(self, client, userdata, message):
        with self._changed:
            if message.topic == "end":
                self.ends += 1
            else:
                self.seen.append(told(message))
            self._changed.notify_all()


def told(message):
    said = {"topic": message.topic, "qos": message.qos, "retain": message.retain, "payload": message.payload.decode()}
    for name in ("UserProperty", "ContentType", "ResponseTopic", "CorrelationData", "PayloadFormatIndicator", "SubscriptionIdentifier"):
        value = getattr(getattr(message, "properties", None), name, None)
        if value is not None:
            said[name] = value.hex() if isinstance(value, bytes) else value
    return said


def show(step, who, seen):
    lines = sorted(json.dumps(message, sort_keys=True) for message in seen)
    print(step, who, "[" + ", ".join(lines) + "]", flush=True)


def close(step, publisher, parties):
    """When the last message has arrived, all earlier ones have: it has QoS 2, as the earlier ones may have."""
    publisher.publish("end", "", 2)
    for party in parties:
        party.await_end(1)
        show(step, party.name, party.seen)
        party.leave()
    publisher.leave()


def qualities(version):
    publisher = Party("publisher", version)
    parties = [Party("taker-%d" % qos, version).subscribe("a/+", qos).subscribe("end", 2) for qos in (0, 1, 2)]
    for qos in (0, 1, 2):
        for number in range(5):
            publisher.publish("a/%d" % qos, "message %d" % number, qos)
    close("qualities-%d" % version, publisher, parties)


def filters():
    publisher = Party("publisher")
    wanted = ("f/#", "f/+", "f/+/c", "+/b/c", "f", "/f", "+/+")
    parties = [Party("filter-%d" % number).subscribe(each, 1).subscribe("end", 2) for number, each in enumerate(wanted)]
    for topic in ("f", "/f", "f/", "f/b", "f/b/c", "f/b/c/d", "g/b/c", "f//c"):
        publisher.publish(topic, topic, 1)
    close("filters", publisher, parties)


def properties():
    publisher = Party("publisher")
    taker = Party("taker").subscribe("p/+", 2, identifier=77).subscribe("end", 2)
    publisher.publish(
        "p/all", "x", 1, UserProperty=[("one", "1"), ("two", "2"), ("one", "3")], ContentType="text/plain", ResponseTopic="p/answer",
        CorrelationData=b"\x00\x01\xff", PayloadFormatIndicator=1)
    publisher.publish("p/none", "y", 2)
    close("properties", publisher, [taker])


def retained():
    publisher = Party("publisher")
    for number in (1, 2, 3):
        publisher.publish("r/%d" % number, "kept %d" % number, 1, True)
    publisher.publish("r/2", "", 1, True)
    publisher.publish("r/3", "kept again", 1, True)
    parties = [
        Party("usual").subscribe("r/#", 1).subscribe("end", 2),
        Party("as published").subscribe("r/#", 1, retainAsPublished=True).subscribe("end", 2),
        Party("never").subscribe("r/#", 1, retainHandling=2).subscribe("end", 2),
        Party("once").subscribe("r/#", 1, retainHandling=1).subscribe("r/#", 1, retainHandling=1).subscribe("end", 2),
        Party("older", mqtt.MQTTv311).subscribe("r/#", 0).subscribe("end", 2),
    ]

    # A retained message is read when it is sent. If it was replaced before, only the newer one is sent.
    for party in parties:
        party.await_seen(0 if party.name == "never" else 2)
    publisher.publish("r/1", "kept live", 1, True)
    close("retained", publisher, parties)
    sweeper = Party("sweeper")
    for number in (1, 3):
        sweeper.publish("r/%d" % number, "", 1, True)
    sweeper.leave()


def own_messages():
    publisher = Party("publisher")
    deaf = Party("deaf to itself").subscribe("n/#", 1, noLocal=True).subscribe("end", 2)
    hears = Party("hears itself").subscribe("n/#", 1).subscribe("end", 2)
    deaf.publish("n/1", "of the deaf", 1)
    hears.publish("n/2", "of the other", 1)
    close("own messages", publisher, [deaf, hears])


def unsubscribed():
    publisher = Party("publisher")
    taker = Party("taker").subscribe("u/1", 1).subscribe("u/2", 1).subscribe("end", 2)
    taker.unsubscribe("u/1")
    publisher.publish("u/1", "unwanted", 1)
    publisher.publish("u/2", "wanted", 1)
    close("unsubscribed", publisher, [taker])


def wills():
    taker = Party("taker").subscribe("w/#", 2).subscribe("end", 2)
    Party("in peace", will=("w/peace", "not said", 1, False)).leave()
    Party("with its will", will=("w/will", "said", 2, False)).leave(4)
    taker.await_seen(1)
    close("wills", Party("publisher"), [taker])


def sessions(version):
    step = "sessions-%d" % version
    publisher = Party("publisher", version)
    first = Party("keeper", version, clean=False, expiry=600).subscribe("k/#", 2).subscribe("end", 2)
    print(step, "first", bool(first.session_present), flush=True)
    first.leave()
    for qos in (1, 2):
        for number in range(5):
            publisher.publish("k/%d" % qos, "meanwhile %d" % number, qos)
    publisher.publish("end", "", 2)
    again = Party("keeper", version, clean=False, expiry=600)
    again.await_end(1)
    print(step, "again", bool(again.session_present), flush=True)
    show(step, "keeper", again.seen)
    again.leave()
    anew = Party("keeper", version, clean=True)
    print(step, "anew", bool(anew.session_present), flush=True)
    anew.leave()
    publisher.leave()


def shared():
    publisher = Party("publisher")
    members = [Party("member %d" % number).subscribe("$share/group/s/+", 1).subscribe("end", 2) for number in (1, 2)]
    for number in range(20):
        publisher.publish("s/%d" % number, "each once", 1)

    # Messages of a group and of a member's own subscriptions have no common order, so the last message proves nothing here.
    limit = time.monotonic() + LIMIT_SECONDS
    while sum(len(member.seen) for member in members) < 20 and time.monotonic() < limit:
        time.sleep(0.01)
    publisher.publish("end", "", 2)
    for member in members:
        member.await_end(1)
    show("shared", "all members", [message for member in members for message in member.seen])
    for party in members + [publisher]:
        party.leave()


for one in (mqtt.MQTTv5, mqtt.MQTTv311):
    qualities(one)
    sessions(one)
filters()
properties()
retained()
own_messages()
unsubscribed()
wills()
shared()
print("done", flush=True)
