using System.Collections.Concurrent;
using System.Text;
using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Peers;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests;

public class MqttPublisherTests
{
    [PeerFact("mosquitto", MosquittoBroker.Package)]
    public async Task A_real_broker_acknowledges_every_message_once_and_in_order()
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
    public async Task A_broker_that_is_killed_is_found_again_and_every_message_is_acknowledged_in_the_end()
    {
        using MosquittoBroker broker = new();
        MqttPublisher publisher = new(
            new MqttPublisherOptions
            {
                Port = broker.Port,
                Qos = MqttQos.AtLeastOnce,
                Connections = 2,
                Devices = 2,
                MessagesPerSecond = 5_000,
                MaxMessages = 4_000,
            },
            WritePayload);

        Task run = publisher.RunAsync();
        Eventually.True(() => publisher.Acknowledged > 500, "the first messages are acknowledged");
        broker.Kill();
        Eventually.True(() => publisher.Losses > 0, "the loss is noticed");
        broker.Start();
        await run;

        Assert.Equal(4_000, publisher.Acknowledged);
        Assert.True(publisher.Sent >= 4_000);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        int port = FreePort.Next();
        MqttPublisher publisher =
            new(new MqttPublisherOptions { Port = port, Reconnect = false, Connections = 1, Devices = 1 }, WritePayload);

        WireConnectionException failure = await Assert.ThrowsAsync<WireConnectionException>(() => publisher.RunAsync());

        Assert.Contains($"127.0.0.1:{port}", failure.Message, StringComparison.Ordinal);
        Assert.True(failure.IsTransient);
    }

    [Fact]
    public async Task A_server_that_takes_nothing_does_not_keep_the_publisher_from_stopping()
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
    public async Task A_refusal_for_good_ends_the_other_connections_as_well()
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
    public void Options_in_a_log_do_not_show_the_password()
    {
        // A record prints every property unless it is told not to.
        string text = new MqttPublisherOptions { UserName = "ann", Password = "hunter2hunter2" }.ToString();

        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
        Assert.Contains("ann", text, StringComparison.Ordinal);
    }

    private static int WritePayload(Span<byte> destination, int device, long sequence)
    {
        return Encoding.UTF8.GetBytes($"{{\"device\":{device},\"sequence\":{sequence}}}", destination);
    }
}
