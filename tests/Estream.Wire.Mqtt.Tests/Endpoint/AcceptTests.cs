using System.Net.Sockets;
using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Endpoint;

public class AcceptTests
{
    [Fact]
    public async Task Failed_accept_does_not_affect_other_connections()
    {
        // First no file descriptor is left, then the connection fails before it is accepted: accept(2) reports both in the same way.
        using TestQueues queues = new();
        await using MqttEndpoint endpoint = new(new MqttEndpointOptions { Port = 0 }, [TestQueues.JsonMapping], queues.Context);
        using CancellationTokenSource stop = new();
        Queue<SocketError> failures = new([SocketError.TooManyOpenSockets, SocketError.HostUnreachable]);
        endpoint.Accept = (listener, cancellation) => failures.TryDequeue(out SocketError error)
            ? throw new SocketException((int)error)
            : listener.AcceptAsync(cancellation);
        await endpoint.StartAsync(CancellationToken.None);
        Task ingest = endpoint.Ingest(stop.Token);

        using RawClient client = new(endpoint.LocalEndPoint!.Port);
        client.Connect();

        Assert.Equal(2, queues.Events.Count(happened => happened.Kind == AdapterEventKind.ConnectionFailed));
        Assert.Equal(2, endpoint.Statistics.RejectedTotal);
        Assert.Equal(HealthState.Healthy, endpoint.Health.State);
        await stop.CancelAsync();
        await ingest;
    }

    [Fact]
    public async Task Refused_client_that_stays_connected_counts_once()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Open();

        client.Send(Hex.Bytes("10 0E 0004 4D515454 06 02 003C 00 0001 61"));
        client.ExpectRefusal(MqttReasonCode.UnsupportedProtocolVersion);

        Eventually.True(() => endpoint.Adapter.Statistics.Connections == 0, "its connection is closed although the client stays");
        Assert.Equal(1, endpoint.Adapter.Statistics.RejectedTotal);
        Assert.All(endpoint.Queues.Events, happened => Assert.Null(happened.Exception));
    }
}
