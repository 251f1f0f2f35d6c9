using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Endpoint;

/// <summary>All messages that have reached this machine when the endpoint stops are stored, regardless of the buffer that holds
/// them.</summary>
public class ShutdownTests
{
    // Stands still: on a busy machine, storing can take longer than the endpoint continues to read.
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task Shutdown_stores_messages_received_while_the_acknowledgement_buffer_was_full()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(
            new MqttEndpointOptions { ReceiveMaximum = ushort.MaxValue }, _clock);
        using RawClient client = endpoint.Connect();
        byte[] burst =
        [
            .. RawClient.Publishing(Topic, Json),
            .. Enumerable.Range(1, 1_700).SelectMany(number => RawClient.Publishing("x", "", MqttQos.AtLeastOnce, (ushort)number)),
            .. Enumerable.Range(0, 100).SelectMany(_ => RawClient.Publishing(Topic, Json)),
        ];

        Task stopping = StopWhileHeld(endpoint, () => client.Send(burst));

        for (ushort number = 1; number <= 1_700; number++)
        {
            Assert.Equal(MqttReasonCode.NoMatchingSubscribers, client.ExpectAck(PacketType.PubAck, number));
        }

        client.ExpectDisconnect(MqttReasonCode.ServerShuttingDown);
        await stopping;
        Assert.Equal(102, endpoint.Queues.ReadTelemetry().Count);
    }

    [Fact]
    public async Task Shutdown_stores_messages_buffered_in_the_TLS_stream()
    {
        using TempDirectory folder = new();
        TestCertificates.Write(folder, "endpoint").Dispose();
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions
        {
            Tls = new WireServerTlsOptions { CertificateFile = folder.Combine("endpoint.crt"), KeyFile = folder.Combine("endpoint.key") },
        }, _clock);
        using RawClient client = endpoint.Open();
        client.Secure(folder.Combine("endpoint-ca.crt"));
        client.Connect();

        // Half a packet leaves little space in the buffer, so the following TLS record of messages does not fit and stays in the TLS
        // stream.
        byte[] large = RawClient.Publishing(Topic, Json + new string(' ', 60_000));
        client.Send(large[..^10]);
        Task stopping = StopWhileHeld(
            endpoint, () => client.Send([.. large[^10..], .. Enumerable.Range(0, 150).SelectMany(_ => RawClient.Publishing(Topic, Json))]));

        client.ExpectDisconnect(MqttReasonCode.ServerShuttingDown);
        await stopping;
        Assert.Equal(152, endpoint.Queues.ReadTelemetry().Count);
    }

    [Fact]
    public async Task LocalEndPoint_is_available_after_the_endpoint_has_stopped()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        int port = endpoint.Adapter.LocalEndPoint!.Port;
        await endpoint.StopAsync();
        Assert.Equal(port, endpoint.Adapter.LocalEndPoint!.Port);
    }

    /// <summary>Sends while the connection cannot store anything, then asks the endpoint to stop, and only then releases the
    /// queue.</summary>
    private static Task StopWhileHeld(TestEndpoint endpoint, Action send)
    {
        using QueueHold hold = new(endpoint.Queues);
        send();
        Task stopping = Task.Run(endpoint.StopAsync);
        Eventually.True(() => endpoint.Adapter.Health.State == HealthState.Unhealthy, "the endpoint stops");
        return stopping;
    }
}
