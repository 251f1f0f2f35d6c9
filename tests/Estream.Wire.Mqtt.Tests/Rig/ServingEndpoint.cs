using System.Text;
using Estream.Core;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>An endpoint that serves subscribers. Everything is allowed unless its rules say otherwise.</summary>
internal sealed class ServingEndpoint : IAsyncDisposable
{
    public const string Everything = "topic readwrite #\ntopic readwrite $own/#";

    // Small, because its segments are preallocated and many tests run at once.
    private const int SmallRelay = 32 << 20;

    private readonly TempDirectory _folder;
    private readonly TestEndpoint _endpoint;

    private ServingEndpoint(TempDirectory folder, TestEndpoint endpoint)
    {
        _folder = folder;
        _endpoint = endpoint;
    }

    public MqttEndpoint Adapter => _endpoint.Adapter;

    public TestQueues Queues => _endpoint.Queues;

    public int Port => _endpoint.Port;

    public static async Task<ServingEndpoint> StartAsync(
        MqttEndpointOptions? options = null, string rules = Everything, IClock? clock = null, QueueOptions? place = null,
        QueueOptions? queueOptions = null, string? passwords = null)
    {
        return await StartAsync(new TestQueues(queueOptions, clock, place: place), options, rules, passwords);
    }

    /// <summary>The queues are disposed with the endpoint.</summary>
    public static async Task<ServingEndpoint> StartAsync(
        TestQueues queues, MqttEndpointOptions? options = null, string rules = Everything, string? passwords = null,
        params TopicMapping[] mappings)
    {
        TempDirectory folder = new();
        string file = folder.Combine("rules");
        await File.WriteAllTextAsync(file, rules);
        MqttEndpointOptions given = options ?? new MqttEndpointOptions();
        MqttEndpointOptions serving = given with { AclFile = file, RelayBytes = Math.Min(given.RelayBytes, SmallRelay) };
        if (passwords is not null)
        {
            SecretFiles.Write(folder.Combine("passwords"), passwords);
            serving = serving with { PasswordFile = folder.Combine("passwords") };
        }

        return new ServingEndpoint(folder, await TestEndpoint.StartAsync(serving, queues, mappings));
    }

    /// <summary>Connects a client and reads its CONNACK.</summary>
    public Subscribing Connect(string clientId, ConnectRequest? request = null)
    {
        return new Subscribing(Port,
            (request ?? new ConnectRequest { ClientId = clientId }) with { ClientId = clientId, KeepAliveSeconds = 600 });
    }

    /// <summary>Connects a client with a session that outlives the connection.</summary>
    public Subscribing Resume(string clientId, ushort receiveMaximum = ushort.MaxValue, int maximumPacketSize = 0)
    {
        return Connect(clientId, new ConnectRequest
        {
            ClientId = clientId, CleanStart = false, SessionExpirySeconds = 1_000, ReceiveMaximum = receiveMaximum,
            MaximumPacketSize = maximumPacketSize,
        });
    }

    /// <summary>Replaces the access file at once, so that the endpoint never reads a part of it.</summary>
    public void ChangeRules(string rules)
    {
        File.WriteAllText(_folder.Combine("rules.new"), rules);
        File.Move(_folder.Combine("rules.new"), _folder.Combine("rules"), overwrite: true);
    }

    /// <summary>Waits until exactly this many clients are connected.</summary>
    public void AwaitConnections(int count)
    {
        Eventually.True(() => Adapter.Statistics.Connections == count, $"{count} connections are left");
    }

    public Task StopAsync()
    {
        return _endpoint.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _endpoint.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>A connected client that subscribes and reads its messages.</summary>
internal sealed class Subscribing : IDisposable
{
    private ushort _requests;

    public Subscribing(int port, ConnectRequest request)
    {
        Raw = new RawClient(port);
        Raw.Send(ClientPackets.Connect(request));
        RawPacket answer = Raw.Read();
        Assert.Equal(PacketType.ConnAck, answer.Type);
        Assert.Equal(MqttReasonCode.Success, (MqttReasonCode)answer.Body[1]);
        SessionPresent = answer.Body[0] == 1;
    }

    public RawClient Raw { get; }

    public bool SessionPresent { get; }

    /// <summary>Subscribes to one filter. Expects no message before the SUBACK.</summary>
    public MqttReasonCode Subscribe(string filter, int qos = 0, byte options = 0, uint identifier = 0)
    {
        SendSubscribe(filter, qos, options, identifier);
        return Check(Raw.Read(), PacketType.SubAck);
    }

    /// <summary>Subscribes to a filter for which a message waits, and returns the message. A server may send it before the
    /// SUBACK.</summary>
    public Delivered SubscribeAndTake(string filter, int qos)
    {
        SendSubscribe(filter, qos);
        RawPacket first = Raw.Read(), second = Raw.Read();
        (RawPacket answer, RawPacket message) = first.Type == PacketType.SubAck ? (first, second) : (second, first);
        Check(answer, PacketType.SubAck);
        return Delivered.Of(message);
    }

    /// <summary>Subscribes to a filter for which messages wait at QoS 0, and returns their payloads. A server may send messages before the
    /// SUBACK.</summary>
    public string[] SubscribeAndTakeAll(string filter, int qos, int count)
    {
        SendSubscribe(filter, qos);
        RawPacket[] packets = [.. Enumerable.Range(0, count + 1).Select(_ => Raw.Read())];
        Check(Assert.Single(packets, packet => packet.Type == PacketType.SubAck), PacketType.SubAck);
        return [.. packets.Where(packet => packet.Type != PacketType.SubAck).Select(packet => Delivered.Of(packet).Payload)];
    }

    private void SendSubscribe(string filter, int qos, byte options = 0, uint identifier = 0)
    {
        byte[] name = Encoding.UTF8.GetBytes(filter);
        byte[] property = identifier == 0 ? [] : [0x0B, .. Hex.VarInt((int)identifier)];
        byte[] body = [0, (byte)++_requests, (byte)property.Length, .. property, (byte)(name.Length >> 8), (byte)name.Length, .. name,
            (byte)(qos | options)];
        Raw.Send([0x82, .. Hex.VarInt(body.Length), .. body]);
    }

    public MqttReasonCode Unsubscribe(string filter)
    {
        Raw.Send(ClientPackets.Unsubscribe(++_requests, [filter]));
        return Check(Raw.Read(), PacketType.UnsubAck);
    }

    public Delivered Take()
    {
        return Delivered.Of(Raw.Read());
    }

    /// <summary>Returns the payloads of the next messages and acknowledges each at QoS 1.</summary>
    public string[] TakeAll(int count)
    {
        string[] payloads = new string[count];
        for (int index = 0; index < count; index++)
        {
            Delivered delivered = Take();
            payloads[index] = delivered.Payload;
            if (delivered.Qos == MqttQos.AtLeastOnce)
            {
                Acknowledge(PacketType.PubAck, delivered.PacketId);
            }
        }

        return payloads;
    }

    public void Acknowledge(PacketType type, ushort packetId, MqttReasonCode reason = MqttReasonCode.Success)
    {
        byte[] packet = new byte[ControlPackets.MaxAckLength];
        Raw.Send(packet[..ControlPackets.WriteAck(packet, type, packetId, reason)]);
    }

    /// <summary>Publishes at QoS 1 and waits for the PUBACK, after which every subscriber is entitled to the message.</summary>
    public MqttReasonCode Publish(string topic, string payload)
    {
        Raw.Publish(topic, payload, MqttQos.AtLeastOnce, 1);
        return Raw.ExpectAck(PacketType.PubAck, 1);
    }

    /// <summary>Publishes a message with RETAIN at QoS 1 and waits for the PUBACK.</summary>
    public MqttReasonCode Retain(string topic)
    {
        byte[] packet = RawClient.Publishing(topic, "x", MqttQos.AtLeastOnce, 1);
        packet[0] |= 1;
        Raw.Send(packet);
        return Raw.ExpectAck(PacketType.PubAck, 1);
    }

    /// <summary>Publishes with properties, given as hexadecimal digits, at any QoS, and reads the acknowledgements.</summary>
    public void PublishWith(string topic, string payload, string properties, int qos = 1, bool retain = false)
    {
        byte[] name = Encoding.UTF8.GetBytes(topic);
        byte[] block = Hex.Bytes(properties);
        byte[] id = qos == 0 ? [] : [0, 1];
        byte[] body = [(byte)(name.Length >> 8), (byte)name.Length, .. name, .. id, .. Hex.VarInt(block.Length), .. block,
            .. Encoding.UTF8.GetBytes(payload)];
        Raw.Send([(byte)(0x30 | (qos << 1) | (retain ? 1 : 0)), .. Hex.VarInt(body.Length), .. body]);
        if (qos == 1)
        {
            Raw.ExpectAck(PacketType.PubAck, 1);
        }
        else if (qos == 2)
        {
            Raw.ExpectAck(PacketType.PubRec, 1);
            Raw.Send(0x62, 2, 0, 1);
            Raw.ExpectAck(PacketType.PubComp, 1);
        }
    }

    public void Dispose()
    {
        Raw.Dispose();
    }

    private MqttReasonCode Check(RawPacket answer, PacketType type)
    {
        Assert.Equal(type, answer.Type);
        Assert.Equal([0, (byte)_requests, 0], answer.Body[..3]);
        return (MqttReasonCode)Assert.Single(answer.Body[3..]);
    }
}
