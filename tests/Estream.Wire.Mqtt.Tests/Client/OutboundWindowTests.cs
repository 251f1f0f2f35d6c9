using System.Buffers;
using System.Text;
using Estream.Core;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal;
using Estream.Wire.Mqtt.Internal.Serving;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Client;

public sealed class OutboundWindowTests : IDisposable
{
    private readonly OutputBuffer _output = new();
    private static readonly MqttCounters s_counters = new("somebody", new AdapterRejections(SystemClock.Instance));

    private OutboundWindow _window = new(ClientSession.Open(null, "somebody"), s_counters);

    [Fact]
    [Trait("Statement", "MQTT-3.3.4-7")]
    [Trait("Statement", "MQTT-4.3.2-1")]
    [Trait("Statement", "MQTT-4.9.0-1")]
    [Trait("Statement", "MQTT-4.9.0-2")]
    public async Task In_flight_messages_do_not_exceed_the_brokers_Receive_Maximum()
    {
        // [MQTT-3.3.4-7]
        OutboundTerms terms = Begin(receiveMaximum: 2);
        Outgoing first = await AddAsync("1");
        await AddAsync("2");
        await AddAsync("3");
        Assert.Equal(["32 1 1", "32 2 2"], Send(terms));
        Assert.False(_window.HasWaiting(terms));

        Assert.Equal(OutAnswer.Done, Answer(PacketType.PubAck, 1));

        Assert.Equal(EmitStatus.Ok, await first.WaitAsync(CancellationToken.None));
        Assert.True(_window.HasWaiting(terms));
        Assert.Equal(["32 3 3"], Send(terms));
        Assert.Equal(OutAnswer.Stray, Answer(PacketType.PubAck, 1));
    }

    [Fact]
    public async Task Messages_beyond_a_lower_Receive_Maximum_are_resent_later()
    {
        OutboundTerms generous = Begin();
        await AddAsync("1");
        await AddAsync("2");
        Assert.Equal(["32 1 1", "32 2 2"], Send(generous));

        OutboundTerms strict = Begin(receiveMaximum: 1);

        Assert.Equal(["3A 1 1"], Send(strict));
        Assert.Equal(OutAnswer.Done, Answer(PacketType.PubAck, 1));
        Assert.Equal(["3A 2 2"], Send(strict));
    }

    [Fact]
    [Trait("Statement", "MQTT-3.3.1-1")]
    [Trait("Statement", "MQTT-4.4.0-1")]
    [Trait("Statement", "MQTT-4.6.0-1")]
    [Trait("Statement", "MQTT-4.3.2-3")]
    public async Task Unacknowledged_messages_are_resent_in_order_as_duplicates()
    {
        // [MQTT-3.3.1-1] [MQTT-4.4.0-1] [MQTT-4.6.0-1]
        OutboundTerms first = Begin();
        await AddAsync("1");
        await AddAsync("2");
        await AddAsync("3");
        Assert.Equal(3, Send(first).Length);
        Assert.Equal(OutAnswer.Done, Answer(PacketType.PubAck, 2));

        OutboundTerms second = Begin();
        await AddAsync("4");

        Assert.Equal(["3A 1 1", "3A 3 3", "32 4 4"], Send(second));
    }

    [Fact]
    [Trait("Statement", "MQTT-4.4.0-1")]
    [Trait("Statement", "MQTT-4.3.2-2")]
    public async Task Message_is_sent_once_per_connection_and_never_on_a_replaced_one()
    {
        // [MQTT-4.4.0-1]
        OutboundTerms first = Begin();
        await AddAsync("1");
        Assert.Equal(["32 1 1"], Send(first));
        Assert.Empty(Send(first));

        OutboundTerms second = Begin();
        Assert.Empty(Send(first));
        Assert.Equal(["3A 1 1"], Send(second));
    }

    [Fact]
    [Trait("Statement", "MQTT-4.3.3-1")]
    [Trait("Statement", "MQTT-4.3.3-2")]
    [Trait("Statement", "MQTT-4.3.3-3")]
    [Trait("Statement", "MQTT-4.3.3-4")]
    [Trait("Statement", "MQTT-4.3.3-5")]
    [Trait("Statement", "MQTT-4.3.3-6")]
    public async Task MQTT_4_4_0_1_QoS_2_PUBLISH_is_resent_until_its_PUBREC_and_then_only_the_PUBREL()
    {
        OutboundTerms first = Begin();
        Outgoing message = await AddAsync("1", MqttQos.ExactlyOnce);
        Assert.Equal(["34 1 1"], Send(first));

        OutboundTerms second = Begin();
        Assert.Equal(["3C 1 1"], Send(second));
        Assert.Equal(OutAnswer.Stray, Answer(PacketType.PubComp, 1));
        Assert.Equal(OutAnswer.Release, Answer(PacketType.PubRec, 1));
        Assert.Equal(OutAnswer.Release, Answer(PacketType.PubRec, 1));

        OutboundTerms third = Begin();
        Assert.Equal(["62 1"], Send(third));
        Task<EmitStatus> answer = message.WaitAsync(CancellationToken.None).AsTask();
        Assert.False(answer.IsCompleted);
        Assert.Equal(OutAnswer.Done, Answer(PacketType.PubComp, 1));

        Assert.Equal(EmitStatus.Ok, await answer);
        OutboundTerms fourth = Begin();
        Assert.Empty(Send(fourth));
    }

    [Fact]
    public async Task Acknowledgement_of_another_QoS_is_ignored()
    {
        OutboundTerms terms = Begin();
        await AddAsync("1");
        await AddAsync("2", MqttQos.ExactlyOnce);
        Assert.Equal(2, Send(terms).Length);

        Assert.Equal(OutAnswer.Stray, Answer(PacketType.PubRec, 1));
        Assert.Equal(OutAnswer.Stray, Answer(PacketType.PubComp, 1));
        Assert.Equal(OutAnswer.Stray, Answer(PacketType.PubAck, 2));
        Assert.Equal(OutAnswer.Stray, Answer(PacketType.PubAck, 3));
        Assert.Equal(OutAnswer.Done, Answer(PacketType.PubAck, 1));
        Assert.Equal(OutAnswer.Release, Answer(PacketType.PubRec, 2));
    }

    [Fact]
    [Trait("Statement", "MQTT-2.2.1-3")]
    public async Task Packet_identifiers_wrap_around_without_the_one_of_the_SUBSCRIBE()
    {
        OutboundTerms terms = Begin();
        for (int number = 1; number < ClientCore.SubscribeId; number++)
        {
            Outgoing message = await AddAsync("x");
            Assert.Equal([$"32 {number} x"], Send(terms));
            Assert.Equal(OutAnswer.Done, Answer(PacketType.PubAck, (ushort)number));
            Assert.Equal(EmitStatus.Ok, await message.WaitAsync(CancellationToken.None));
        }

        await AddAsync("again");
        Assert.Equal(["32 1 again"], Send(terms));
    }

    [Fact]
    public async Task Message_beyond_the_capacity_waits_for_the_oldest()
    {
        OutboundTerms terms = Begin();
        for (int number = 0; number < OutboundWindow.Capacity; number++)
        {
            await AddAsync("x");
        }

        Task<Outgoing> next = AddAsync("next");
        Assert.Equal(OutboundWindow.Capacity, Send(terms).Length);
        Assert.Equal(OutAnswer.Done, Answer(PacketType.PubAck, 2));
        Assert.False(next.IsCompleted);
        Assert.Equal(OutAnswer.Done, Answer(PacketType.PubAck, 1));

        await next;
        Assert.Equal([$"32 {OutboundWindow.Capacity + 1} next"], Send(terms));
    }

    [Fact]
    public async Task Waiters_get_free_slots_in_order_of_arrival()
    {
        OutboundTerms terms = Begin();
        for (int number = 0; number < OutboundWindow.Capacity; number++)
        {
            await AddAsync("x");
        }

        Assert.Equal(OutboundWindow.Capacity, Send(terms).Length);
        List<Task<Outgoing>> waiting = [AddAsync("0"), AddAsync("1")];
        for (int number = 2; number < 200; number++)
        {
            // A slot is free, but its waiter may not have taken it yet: a later caller must queue behind that waiter.
            Assert.Equal(OutAnswer.Done, Answer(PacketType.PubAck, (ushort)(number - 1)));
            waiting.Add(AddAsync($"{number}"));
        }

        Assert.Equal(OutAnswer.Done, Answer(PacketType.PubAck, 199));
        Assert.Equal(OutAnswer.Done, Answer(PacketType.PubAck, 200));
        await Task.WhenAll(waiting);

        Assert.Equal(
            Enumerable.Range(0, 200).Select(number => $"32 {OutboundWindow.Capacity + 1 + number} {number}"), Send(terms));
    }

    [Fact]
    public async Task Close_completes_current_waiting_and_later_messages()
    {
        OutboundTerms terms = Begin();
        List<Outgoing> added = [];
        for (int number = 0; number < OutboundWindow.Capacity; number++)
        {
            added.Add(await AddAsync("x"));
        }

        Assert.NotEmpty(Send(terms));
        Task<Outgoing>[] waiting = [AddAsync("1"), AddAsync("2"), AddAsync("3")];

        _window.Close("over");

        foreach (Outgoing message in added)
        {
            Assert.Equal(new EmitStatus(EmitCode.NotConnected, "over"), await message.WaitAsync(CancellationToken.None));
        }

        foreach (Task<Outgoing> late in waiting.Append(AddAsync("4")))
        {
            Assert.Equal(new EmitStatus(EmitCode.NotConnected, "over"), await (await late).WaitAsync(CancellationToken.None));
        }
    }

    [Fact]
    [Trait("Statement", "MQTT-3.2.2-17")]
    [Trait("Statement", "MQTT-3.3.2-8")]
    public async Task MQTT_3_2_2_18_topic_aliases_are_limited_to_the_brokers_maximum_and_to_one_connection()
    {
        // With one alias, the second topic is sent without an alias, and after a connection loss the first topic is sent in full again.
        OutboundTerms first = Begin(aliases: 1);
        foreach (string topic in new[] { "long/topic", "long/topic", "other/topic" })
        {
            await AddAsync("x", topic: topic);
        }

        Assert.Equal(["23 0001 long/topic", "23 0001", "other/topic"], SendTopics(first));
        OutboundTerms second = Begin(aliases: 1);
        Assert.Equal(["23 0001 long/topic", "23 0001", "other/topic"], SendTopics(second));
        OutboundTerms third = Begin(aliases: 0);
        Assert.Equal(["long/topic", "long/topic", "other/topic"], SendTopics(third));
    }

    [Fact]
    public async Task Packets_collected_before_an_identifier_that_cannot_be_saved_are_sent()
    {
        using TempDirectory folder = new();
        FullStorage disk = new();
        using ClientSession session =
            ClientSession.Open(new AdapterPlace(folder.Combine("place"), new QueueOptions { Storage = disk }), "somebody");
        _window.Dispose();
        _window = new OutboundWindow(session, s_counters);
        disk.IsFull = true;
        TakeAllRoom(session);
        OutboundTerms terms = Begin(aliases: 1);
        await AddAsync("1", topic: "long/topic");
        await AddAsync("2", MqttQos.ExactlyOnce, topic: "long/topic");

        _window.Fill(terms, _output);
        Assert.False(_output.IsEmpty);
        _output.Clear();
        Assert.ThrowsAny<EstreamException>(() => _window.Fill(terms, _output));
        Assert.True(_output.IsEmpty);

        disk.IsFull = false;
        Assert.Equal(["34 2 2"], Send(terms));
        Assert.Equal(OutAnswer.Done, Answer(PacketType.PubAck, 1));
    }

    public void Dispose()
    {
        _window.Dispose();
        _output.Dispose();
    }

    private OutboundTerms Begin(ushort receiveMaximum = ushort.MaxValue, ushort aliases = 0)
    {
        byte[] grant = [0, 0, 6, 0x21, (byte)(receiveMaximum >> 8), (byte)receiveMaximum, 0x22, (byte)(aliases >> 8), (byte)aliases];
        Assert.False(ConnAckPacket.Decode(grant, out ConnAckPacket packet).IsFault);
        OutboundTerms terms = new(packet);
        _window.BeginConnection(terms);
        return terms;
    }

    /// <summary>Saves identifiers of other messages until there is no space for one more.</summary>
    private static void TakeAllRoom(ClientSession session)
    {
        const ushort Unused = 60_000;
        const int Most = 10_000_000;
        for (int number = 0; number < Most; number++)
        {
            try
            {
                session.Sent((ushort)(Unused + (number % 5_000)));
            }
            catch (EstreamStorageException)
            {
                return;
            }
        }

        Assert.Fail("The map takes more than a disk that is full has.");
    }

    private async Task<Outgoing> AddAsync(string payload, MqttQos qos = MqttQos.AtLeastOnce, string topic = "a")
    {
        EgressMessage message = new() { Quality = (int)qos };
        message.Topic.Write(Encoding.UTF8.GetBytes(topic));
        message.Payload.Write(Encoding.UTF8.GetBytes(payload));
        return await _window.AddAsync(message, CancellationToken.None);
    }

    private OutAnswer Answer(PacketType type, ushort id)
    {
        return _window.Answer(type, new AckPacket(id, MqttReasonCode.Success), EmitStatus.Ok);
    }

    /// <summary>The sent packets, one per line: first byte, identifier, payload.</summary>
    private string[] Send(OutboundTerms terms)
    {
        return [.. Packets(terms).Select(packet => packet.Type == PacketType.Publish
            ? $"{packet.First:X2} {Delivered.Of(packet).PacketId} {Delivered.Of(packet).Payload}"
            : $"{packet.First:X2} {(packet.Body[0] << 8) | packet.Body[1]}")];
    }

    /// <summary>The sent packets, with alias and topic.</summary>
    private string[] SendTopics(OutboundTerms terms)
    {
        return [.. Packets(terms).Select(Delivered.Of).Select(sent => sent.Properties.Length == 0
            ? sent.Topic
            : $"{sent.Properties[..2]} {sent.Properties[2..]} {sent.Topic}".TrimEnd())];
    }

    private List<RawPacket> Packets(OutboundTerms terms)
    {
        List<RawPacket> packets = [];
        _output.Clear();
        _window.Fill(terms, _output);
        while (!_output.IsEmpty)
        {
            byte[] bytes = _output.Written.ToArray();
            for (int position = 0; position < bytes.Length;)
            {
                Assert.Equal(HeaderStatus.Complete, FixedHeader.TryRead(bytes.AsSpan(position), out FixedHeader header, out _));
                packets.Add(new RawPacket(header.First, bytes[(position + header.HeaderLength)..(position + header.PacketLength)]));
                position += header.PacketLength;
            }

            _output.Clear();
            _window.Fill(terms, _output);
        }

        return packets;
    }
}
