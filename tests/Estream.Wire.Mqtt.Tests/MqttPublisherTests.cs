using System.Collections.Concurrent;
using System.Text;
using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Peers;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests;

public class MqttPublisherTests
{
    [PeerFact("mosquitto", MosquittoBroker.Package)]
    public async Task Mosquitto_acknowledges_each_message_once_and_in_order()
    {
        using MosquittoBroker broker = new();
        ConcurrentDictionary<int, List<long>> acknowledged = new();
        MqttPublisher publisher = new(
            new MqttPublisherOptions
            {
                Port = broker.Port,
                Qos = MqttQos.AtLeastOnce,
                Connections = 3,
                Devices = 10,
                Window = 7,
                MaxMessages = 1_000,
                Acknowledged = (device, sequence) => acknowledged.GetOrAdd(device, _ => []).Add(sequence),
            },
            WritePayload);

        await publisher.RunAsync();

        Assert.Equal(1_000, publisher.Sent);
        Assert.Equal(1_000, publisher.Acknowledged);
        Assert.Equal(0, publisher.Refused);
        Assert.Equal(10, acknowledged.Count);
        Assert.All(acknowledged.Values, sequences => Assert.Equal(Enumerable.Range(0, sequences.Count).Select(n => (long)n), sequences));
    }

    [PeerFact("mosquitto", MosquittoBroker.Package)]
    public async Task Publisher_reconnects_to_a_restarted_broker_until_every_message_is_acknowledged()
    {
        using MosquittoBroker broker = new();
        using ManualResetEventSlim killed = new();
        MqttPublisher publisher = new(
            new MqttPublisherOptions
            {
                Port = broker.Port,
                Qos = MqttQos.AtLeastOnce,
                Connections = 2,
                Devices = 2,
                MessagesPerSecond = 5_000,
                MaxMessages = 4_000,
                Window = 20,

                // The run must not end before the broker is killed, even if a busy machine delays the test.
                Acknowledged = (_, sequence) =>
                {
                    if (sequence >= 1_000)
                    {
                        killed.Wait(Eventually.DefaultLimit);
                    }
                },
            },
            WritePayload);

        Task run = publisher.RunAsync();
        Eventually.True(() => publisher.Acknowledged > 500, "the first messages are acknowledged");
        broker.Kill();
        killed.Set();
        Eventually.True(() => publisher.Losses > 0, "the loss is noticed");
        broker.Start();
        await run;

        Assert.Equal(4_000, publisher.Acknowledged);
        Assert.True(publisher.Sent >= 4_000);
    }

    [Fact]
    public async Task Error_names_a_server_that_cannot_be_reached()
    {
        int port = FreePort.Next();
        MqttPublisher publisher =
            new(new MqttPublisherOptions { Port = port, Reconnect = false, Connections = 1, Devices = 1 }, WritePayload);

        WireConnectionException failure = await Assert.ThrowsAsync<WireConnectionException>(() => publisher.RunAsync());

        Assert.Contains($"127.0.0.1:{port}", failure.Message, StringComparison.Ordinal);
        Assert.True(failure.IsTransient);
    }

    [Fact]
    public async Task Publisher_stops_even_when_the_server_reads_nothing()
    {
        using RawServer server = new();
        MqttPublisher publisher = new(new MqttPublisherOptions { Port = server.Port, Connections = 1, Devices = 1 }, WritePayload);
        using CancellationTokenSource stop = new();
        Task run = publisher.RunAsync(stop.Token);
        using RawClient deaf = server.Accept();
        long before = -1;
        Eventually.True(() => publisher.Sent > 0 && before == (before = publisher.Sent), "the socket is full");

        await stop.CancelAsync();

        await run;
    }

    [Fact]
    public async Task Permanent_refusal_ends_the_other_connections_too()
    {
        using RawServer server = new();
        MqttPublisher publisher =
            new(new MqttPublisherOptions { Port = server.Port, Connections = 2, Devices = 2, Qos = MqttQos.AtLeastOnce }, WritePayload);
        Task run = publisher.RunAsync();
        using RawClient one = server.Accept();
        using RawClient two = server.Accept();

        one.Send(0xE0, 1, 0x87);

        await Assert.ThrowsAsync<WireConnectionException>(() => run);
    }

    [Fact]
    public void ToString_of_the_options_does_not_contain_the_password()
    {
        // A record prints every property unless ToString is overridden.
        string text = new MqttPublisherOptions { UserName = "ann", Password = "hunter2hunter2" }.ToString();

        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
        Assert.Contains("ann", text, StringComparison.Ordinal);
    }

    private static int WritePayload(Span<byte> destination, int device, long sequence)
    {
        return Encoding.UTF8.GetBytes($"{{\"device\":{device},\"sequence\":{sequence}}}", destination);
    }
}
