using System.Text.Json.Nodes;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Tests.Judges;

/// <summary>
/// Generates packets of every type except PUBLISH, in the versions that the product supports: an endpoint reads CONNECT and writes CONNACK
/// in 5 and 3.1.1, a client writes and reads 5.
/// </summary>
internal static class PacketCases
{
    private const int V5 = 5;

    private static readonly Func<Random, PacketCase>[] s_kinds =
    [
        Connect, Connect311, ConnAck, ConnAck311, Subscribe, SubscribeByNumber, Subscribe311, SubAck, SubAck311, Unsubscribe,
        Unsubscribe311, UnsubAck, UnsubAck311, Auth,
        Disconnect, DisconnectOfClient, _ => Bare(Mqtt311.Level, "disconnect", null), Ack, Ack311,
        _ => Bare(V5, "pingreq", ControlPackets.PingReq.ToArray()),
        _ => Bare(V5, "pingresp", ControlPackets.PingResp.ToArray()),
    ];

    private static readonly MqttReasonCode[] s_connAck = [MqttReasonCode.UnspecifiedError, MqttReasonCode.BadUserNameOrPassword,
        MqttReasonCode.NotAuthorized, MqttReasonCode.Banned, MqttReasonCode.PacketTooLarge, MqttReasonCode.ConnectionRateExceeded];

    private static readonly MqttReasonCode[] s_subAck = [MqttReasonCode.Success, MqttReasonCode.GrantedQos1, MqttReasonCode.GrantedQos2,
        MqttReasonCode.UnspecifiedError, MqttReasonCode.NotAuthorized, MqttReasonCode.TopicFilterInvalid, MqttReasonCode.QuotaExceeded];

    private static readonly MqttReasonCode[] s_unsubAck =
        [MqttReasonCode.Success, MqttReasonCode.NoSubscriptionExisted, MqttReasonCode.NotAuthorized, MqttReasonCode.TopicFilterInvalid];

    private static readonly MqttReasonCode[] s_disconnect = [MqttReasonCode.Success, MqttReasonCode.MalformedPacket,
        MqttReasonCode.SessionTakenOver, MqttReasonCode.ServerShuttingDown, MqttReasonCode.PacketTooLarge,
        MqttReasonCode.MaximumConnectTime];

    private static readonly MqttReasonCode[] s_auth =
        [MqttReasonCode.Success, MqttReasonCode.ContinueAuthentication, MqttReasonCode.ReAuthenticate];

    private static readonly MqttReasonCode[] s_pubAck = [MqttReasonCode.Success, MqttReasonCode.NoMatchingSubscribers,
        MqttReasonCode.NotAuthorized, MqttReasonCode.QuotaExceeded, MqttReasonCode.PayloadFormatInvalid];

    private static readonly MqttReasonCode[] s_pubRel = [MqttReasonCode.Success, MqttReasonCode.PacketIdentifierNotFound];

    /// <summary>The number of kinds; this many consecutive numbers yield one packet of each kind.</summary>
    public static int Kinds => s_kinds.Length;

    /// <summary>Returns the generated packet of a number.</summary>
    public static PacketCase Of(int number) => s_kinds[number % s_kinds.Length](new Random(number));

    private static PacketCase Connect(Random random)
    {
        bool proves = Coin(random);
        bool hasName = Coin(random);
        ConnectRequest request = new()
        {
            ClientId = Text(random),
            CleanStart = Coin(random),
            KeepAliveSeconds = (ushort)random.Next(65_536),
            SessionExpirySeconds = Coin(random) ? 0 : Number(random),
            ReceiveMaximum = Coin(random) ? ushort.MaxValue : (ushort)random.Next(1, 65_535),
            MaximumPacketSize = Coin(random) ? 0 : random.Next(1, int.MaxValue),
            TopicAliasMaximum = Coin(random) ? (ushort)0 : (ushort)random.Next(1, 65_536),
            UserName = hasName ? Text(random) : null,
            Password = hasName && Coin(random) ? Bytes(random) : null,
            AuthenticationMethod = proves ? "SCRAM-SHA-256"u8.ToArray() : null,
            AuthenticationData = proves ? Bytes(random) : null,
            Will = Coin(random)
                ? null
                : new MqttWill
                {
                    Topic = Text(random),
                    Payload = Text(random),
                    Qos = (MqttQos)random.Next(3),
                    Retain = Coin(random),
                    DelaySeconds = Coin(random) ? 0 : Number(random),
                },
        };
        JsonObject? will = request.Will is not { } of ? null : PacketCase.Of(
            ("topic", of.Topic),
            ("payload", PacketCase.Hex(System.Text.Encoding.UTF8.GetBytes(of.Payload))),
            ("qos", (int)of.Qos),
            ("retain", of.Retain),
            ("properties", PacketCase.Some(("willDelayInterval", OrNull(of.DelaySeconds)))));
        JsonObject wanted = PacketCase.Of(
            ("cmd", "connect"),
            ("protocolId", "MQTT"),
            ("protocolVersion", V5),
            ("clean", request.CleanStart),
            ("keepalive", request.KeepAliveSeconds),
            ("clientId", request.ClientId),
            ("username", request.UserName),
            ("password", PacketCase.Hex(request.Password)),
            ("will", will),
            ("properties", PacketCase.Some(
                ("sessionExpiryInterval", OrNull(request.SessionExpirySeconds)),
                ("receiveMaximum", request.ReceiveMaximum == ushort.MaxValue ? null : request.ReceiveMaximum),
                ("maximumPacketSize", OrNull((uint)request.MaximumPacketSize)),
                ("topicAliasMaximum", OrNull(request.TopicAliasMaximum)),
                ("authenticationMethod", proves ? "SCRAM-SHA-256" : null),
                ("authenticationData", PacketCase.Hex(request.AuthenticationData)))));
        return new PacketCase(V5, wanted, ClientPackets.Connect(request), IsRead: true);
    }

    private static PacketCase Connect311(Random random)
    {
        bool hasName = Coin(random);
        JsonObject wanted = PacketCase.Of(
            ("cmd", "connect"),
            ("protocolId", "MQTT"),
            ("protocolVersion", Mqtt311.Level),
            ("clean", Coin(random)),
            ("keepalive", random.Next(65_536)),
            ("clientId", Text(random)),
            ("username", hasName ? Text(random) : null),
            ("password", hasName && Coin(random) ? PacketCase.Hex(Bytes(random)) : null),
            ("will", Coin(random)
                ? null : PacketCase.Of(("topic", Text(random)), ("payload", PacketCase.Hex(Bytes(random))), ("qos", random.Next(3)),
                    ("retain", Coin(random)))));
        return new PacketCase(Mqtt311.Level, wanted, null, IsRead: true);
    }

    private static PacketCase ConnAck(Random random)
    {
        bool isGranted = Coin(random);
        bool proves = isGranted && Coin(random);
        bool serves = Coin(random);
        bool keeps = Coin(random);
        ConnAckGrant grant = new(
            isGranted && Coin(random),
            isGranted ? MqttReasonCode.Success : Any(random, s_connAck),
            Coin(random) ? null : Number(random),
            (ushort)random.Next(1, 65_535),
            Coin(random) ? 0 : random.Next(1, int.MaxValue),
            (ushort)random.Next(1, 65_536),
            Coin(random) ? null : (ushort)random.Next(65_536),
            Coin(random) ? null : Text(random),
            serves,
            keeps,
            proves ? "SCRAM-SHA-256"u8.ToArray() : null,
            proves ? Bytes(random) : null);
        JsonNode? notServed = isGranted && !serves ? false : null;
        JsonObject wanted = PacketCase.Of(
            ("cmd", "connack"),
            ("sessionPresent", grant.SessionPresent),
            ("reasonCode", (int)grant.Reason),
            ("properties", PacketCase.Some(
                ("sessionExpiryInterval", grant.SessionExpirySeconds),
                ("receiveMaximum", grant.ReceiveMaximum),
                ("maximumPacketSize", OrNull((uint)grant.MaximumPacketSize)),
                ("topicAliasMaximum", grant.TopicAliasMaximum),
                ("serverKeepAlive", grant.ServerKeepAliveSeconds),
                ("assignedClientIdentifier", grant.AssignedClientId),
                ("authenticationMethod", proves ? "SCRAM-SHA-256" : null),
                ("authenticationData", PacketCase.Hex(grant.AuthenticationData)),
                ("retainAvailable", isGranted && !keeps ? false : null),
                ("wildcardSubscriptionAvailable", notServed?.DeepClone()),
                ("subscriptionIdentifiersAvailable", notServed?.DeepClone()),
                ("sharedSubscriptionAvailable", notServed?.DeepClone()))));
        return new PacketCase(V5, wanted, Written(room => ControlPackets.WriteConnAck(room, grant)), IsRead: true);
    }

    private static PacketCase ConnAck311(Random random)
    {
        int code = random.Next(6);
        bool isPresent = code == 0 && Coin(random);
        JsonObject wanted = PacketCase.Of(("cmd", "connack"), ("sessionPresent", isPresent), ("returnCode", code));
        return new PacketCase(Mqtt311.Level, wanted, Written(room => Mqtt311.WriteConnAck(room, isPresent, (byte)code)), IsRead: false);
    }

    private static PacketCase Subscribe(Random random)
    {
        MqttSubscription[] subscriptions = Some(random, _ => new MqttSubscription(Text(random) + "/#", (MqttQos)random.Next(3))
        {
            NoLocal = Coin(random), RetainAsPublished = Coin(random), RetainHandling = (MqttRetainHandling)random.Next(3),
        });
        ushort packetId = Id(random);
        return new PacketCase(V5, Subscribing(packetId, subscriptions), ClientPackets.Subscribe(packetId, subscriptions), IsRead: true);
    }

    // A SUBSCRIBE that other clients send but the product's client does not: with a subscription identifier, and with properties that the
    // product discards.
    private static PacketCase SubscribeByNumber(Random random)
    {
        JsonObject wanted = Subscribing(Id(random), [new MqttSubscription("$share/group/" + Text(random), (MqttQos)random.Next(3))]);
        wanted["properties"] = PacketCase.Of(("subscriptionIdentifier", random.Next(1, 268_435_456)),
            ("userProperties", PacketCase.Of(("one", "1"), ("två", "2"))));
        return new PacketCase(V5, wanted, null, IsRead: true);
    }

    private static PacketCase Subscribe311(Random random)
    {
        JsonNode?[] filters = Some(random, _ => (JsonNode?)PacketCase.Of(("topic", Text(random) + "/+"), ("qos", random.Next(3))));
        return new PacketCase(Mqtt311.Level,
            PacketCase.Of(("cmd", "subscribe"), ("messageId", Id(random)), ("subscriptions", new JsonArray(filters))), null, IsRead: true);
    }

    private static JsonObject Subscribing(ushort packetId, MqttSubscription[] subscriptions)
    {
        IEnumerable<JsonNode?> filters = subscriptions.Select(each => (JsonNode?)PacketCase.Of(
            ("topic", each.Filter), ("qos", (int)each.Qos), ("nl", each.NoLocal), ("rap", each.RetainAsPublished),
            ("rh", (int)each.RetainHandling)));
        return PacketCase.Of(("cmd", "subscribe"), ("messageId", packetId), ("subscriptions", new JsonArray([.. filters])));
    }

    private static PacketCase SubAck(Random random) => Reasons(random, PacketType.SubAck, s_subAck);

    private static PacketCase UnsubAck(Random random) => Reasons(random, PacketType.UnsubAck, s_unsubAck);

    private static PacketCase Reasons(Random random, PacketType type, MqttReasonCode[] all)
    {
        byte[] reasons = Some(random, _ => (byte)Any(random, all));
        ushort packetId = Id(random);
        JsonObject wanted = PacketCase.Of(("cmd", NameOf(type)), ("messageId", packetId),
            ("granted", new JsonArray([.. reasons.Select(reason => (JsonNode?)(int)reason)])));
        return new PacketCase(V5, wanted, Written(room => ControlPackets.WriteReasons(room, type, packetId, reasons)), IsRead: true);
    }

    private static PacketCase SubAck311(Random random)
    {
        // In 3.1.1 all failures have the same code.
        byte[] reasons = Some(random, _ => (byte)Any(random, s_subAck));
        ushort packetId = Id(random);
        JsonObject wanted = PacketCase.Of(("cmd", "suback"), ("messageId", packetId),
            ("granted", new JsonArray([.. reasons.Select(reason => (JsonNode?)(reason < 128 ? reason : 128))])));
        return new PacketCase(Mqtt311.Level, wanted, Written(room => Mqtt311.WriteReasons(room, PacketType.SubAck, packetId, reasons)),
            IsRead: false);
    }

    private static PacketCase UnsubAck311(Random random)
    {
        ushort packetId = Id(random);
        JsonObject wanted = PacketCase.Of(("cmd", "unsuback"), ("messageId", packetId));
        return new PacketCase(Mqtt311.Level, wanted, Written(room => Mqtt311.WriteReasons(room, PacketType.UnsubAck, packetId, [0, 17])),
            IsRead: false);
    }

    private static PacketCase Unsubscribe(Random random)
    {
        string[] filters = Some(random, _ => Text(random) + "/+");
        ushort packetId = Id(random);
        return new PacketCase(V5, Unsubscribing(packetId, filters), ClientPackets.Unsubscribe(packetId, filters), IsRead: true);
    }

    private static PacketCase Unsubscribe311(Random random)
    {
        return new PacketCase(Mqtt311.Level, Unsubscribing(Id(random), Some(random, _ => Text(random) + "/+")), null, IsRead: true);
    }

    private static JsonObject Unsubscribing(ushort packetId, string[] filters)
    {
        return PacketCase.Of(("cmd", "unsubscribe"), ("messageId", packetId),
            ("unsubscriptions", new JsonArray([.. filters.Select(filter => (JsonNode?)filter)])));
    }

    private static PacketCase Auth(Random random)
    {
        MqttReasonCode reason = Any(random, s_auth);
        byte[]? data = Coin(random) ? Bytes(random) : null;
        JsonObject wanted = PacketCase.Of(
            ("cmd", "auth"),
            ("reasonCode", (int)reason),
            ("properties", PacketCase.Some(("authenticationMethod", "SCRAM-SHA-256"), ("authenticationData", PacketCase.Hex(data)))));
        return new PacketCase(V5, wanted, Written(room => ControlPackets.WriteAuth(room, reason, "SCRAM-SHA-256"u8, data)), IsRead: true);
    }

    private static PacketCase Disconnect(Random random)
    {
        MqttReasonCode reason = Any(random, s_disconnect);
        string? why = Coin(random) ? Text(random) : null;
        JsonObject wanted =
            PacketCase.Of(("cmd", "disconnect"), ("reasonCode", (int)reason), ("properties", PacketCase.Some(("reasonString", why))));
        return new PacketCase(V5, wanted, Written(room => ControlPackets.WriteDisconnect(room, reason, why)), IsRead: true);
    }

    private static PacketCase DisconnectOfClient(Random random)
    {
        JsonObject wanted = PacketCase.Of(
            ("cmd", "disconnect"),
            ("reasonCode", (int)MqttReasonCode.DisconnectWithWill),
            ("properties", PacketCase.Some(("sessionExpiryInterval", Number(random)), ("userProperties", PacketCase.Of(("one", "1"))))));
        return new PacketCase(V5, wanted, null, IsRead: true);
    }

    private static PacketCase Ack(Random random)
    {
        PacketType type = Any(random, [PacketType.PubAck, PacketType.PubRec, PacketType.PubRel, PacketType.PubComp]);
        MqttReasonCode reason = Any(random, type is PacketType.PubAck or PacketType.PubRec ? s_pubAck : s_pubRel);
        ushort packetId = Id(random);
        JsonObject wanted = PacketCase.Of(("cmd", NameOf(type)), ("messageId", packetId), ("reasonCode", (int)reason));
        return new PacketCase(V5, wanted, Written(room => ControlPackets.WriteAck(room, type, packetId, reason)), IsRead: true);
    }

    private static PacketCase Ack311(Random random)
    {
        PacketType type = Any(random, [PacketType.PubAck, PacketType.PubRec, PacketType.PubRel, PacketType.PubComp]);
        ushort packetId = Id(random);
        JsonObject wanted = PacketCase.Of(("cmd", NameOf(type)), ("messageId", packetId));
        return new PacketCase(Mqtt311.Level, wanted, Written(room => ControlPackets.WriteAck(room, type, packetId, MqttReasonCode.Success)),
            IsRead: true);
    }

    private static PacketCase Bare(int version, string name, byte[]? ours) =>
        new(version, PacketCase.Of(("cmd", name)), ours, IsRead: true);

    private static byte[] Written(Func<byte[], int> write)
    {
        byte[] room = new byte[4_096];
        return room[..write(room)];
    }

    private static string NameOf(PacketType type) => type.ToString().ToLowerInvariant();

    private static JsonNode? OrNull(uint number) => number == 0 ? null : number;

    private static bool Coin(Random random) => random.Next(2) == 1;

    private static uint Number(Random random) => (uint)random.NextInt64(1, uint.MaxValue);

    private static ushort Id(Random random) => (ushort)random.Next(1, 65_536);

    private static T Any<T>(Random random, T[] all) => all[random.Next(all.Length)];

    private static T[] Some<T>(Random random, Func<int, T> make) => [.. Enumerable.Range(0, random.Next(1, 9)).Select(make)];

    private static string Text(Random random) => new string('t', random.Next(1, random.Next(1, 200))) + "/ü/" + random.Next();

    private static byte[] Bytes(Random random)
    {
        byte[] bytes = new byte[random.Next(1, 200)];
        random.NextBytes(bytes);
        return bytes;
    }
}
