using System.Net.Sockets;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire;
using Estream.Wire.Mqtt;

namespace Estream.Fuzz.Mqtt;

/// <summary>Hostile peers at a real socket: what they send, how slowly they send it, and how they leave must not affect other
/// clients.</summary>
public class MqttEndpointFuzz
{
    private const int Seed = 4711;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Damaged_MQTT_streams_end_only_their_own_connection(bool servesSubscribers)
    {
        await using FuzzEndpoint endpoint = new(new MqttEndpointOptions { MaxPacketBytes = 8_192 }, servesSubscribers);
        PacketMutator mutator = new(Seed);
        int connections = LongRun.Count(400, 20_000);
        for (int number = 0; number < connections; number++)
        {
            using Socket socket = endpoint.Open();
            byte[] connect = mutator.Next(2) == 0 ? MqttSeeds.Connect : MqttSeeds.Connect311;
            byte[] stream = [.. mutator.Next(8) == 0 ? mutator.Bad() : connect, .. mutator.Stream(), .. mutator.Stream()];
            Send(socket, stream, chunk: 1 + mutator.Next(64));
            Leave(socket, abruptly: mutator.Next(2) == 0);
        }

        endpoint.RequireService();
        Assert.True(endpoint.Mistakes.Count == 0, $"seed {Seed}: {string.Join('\n', endpoint.Mistakes)}");
        Assert.Equal(HealthState.Healthy, endpoint.Health.State);
        Eventually.True(() => endpoint.Statistics.Connections == 0, "every connection is over");
        QueueVerification verified = endpoint.Telemetry.Verify();
        Assert.True(verified.IsWhole, verified.ToString());
    }

    [Fact]
    public async Task Slow_and_silent_MQTT_peers_are_disconnected()
    {
        // Some peers never start, some stop inside their CONNECT, and some connect and stay silent.
        await using FuzzEndpoint endpoint =
            new(new MqttEndpointOptions { ConnectTimeoutSeconds = 1, MaxKeepAliveSeconds = 1, MaxConnections = 60 });
        List<Socket> sockets = [];
        for (int number = 0; number < 60; number++)
        {
            Socket socket = endpoint.Open();
            sockets.Add(socket);
            byte[] connect = MqttSeeds.ConnectAs($"slow-{number}");
            socket.Send(connect.AsSpan(0, (number % 3) switch { 0 => 0, 1 => 9, _ => connect.Length }));
        }

        // The test observes the client side, because the endpoint does not count a connection that is not accepted yet.
        sockets.ForEach(WaitUntilCutOff);
        Eventually.True(() => endpoint.Statistics.Connections == 0, "their places are free");
        endpoint.RequireService();
        sockets.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task MQTT_peers_that_send_a_packet_byte_by_byte_are_disconnected()
    {
        await using FuzzEndpoint endpoint = new(new MqttEndpointOptions { MaxKeepAliveSeconds = 1, MaxConnections = 20 });
        List<Socket> sockets = [];
        for (int number = 0; number < 20; number++)
        {
            Socket socket = endpoint.Open();
            sockets.Add(socket);
            socket.Send([.. MqttSeeds.ConnectAs($"dripping-{number}"), 0x30, 0x80, 0x80, 0x02]);
        }

        using CancellationTokenSource enough = new();
        Task dripping = Task.Run(() =>
        {
            while (!enough.IsCancellationRequested)
            {
                sockets.ForEach(socket => Send(socket, [0], chunk: 1));

                // The pace of a peer that wants to occupy a connection slot as long as possible.
                Thread.Sleep(20);
            }
        });
        sockets.ForEach(WaitUntilCutOff);
        await enough.CancelAsync();
        await dripping;
        Eventually.True(() => endpoint.Statistics.Connections == 0, "their places are free");
        endpoint.RequireService();
        sockets.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task An_MQTT_peer_that_reads_no_answers_is_blocked_and_then_disconnected()
    {
        await using FuzzEndpoint endpoint = new(new MqttEndpointOptions { WriteTimeoutSeconds = 1 });
        using Socket socket = endpoint.Open();
        socket.ReceiveBufferSize = 4_096;
        socket.SendTimeout = 1_000;
        socket.Send(MqttSeeds.Connect);
        byte[] pings = [.. Enumerable.Repeat(new byte[] { 0xC0, 0x00 }, 32_768).SelectMany(ping => ping)];

        // The peer keeps sending pings and never reads an answer. The endpoint first applies back-pressure, then ends the connection.
        Assert.ThrowsAny<SocketException>(() =>
        {
            for (int round = 0; round < 10_000; round++)
            {
                socket.Send(pings);
            }
        });

        Eventually.True(() => endpoint.Statistics.Connections == 0, "it was cut off");
        endpoint.RequireService();
    }

    private static void WaitUntilCutOff(Socket socket)
    {
        byte[] answer = new byte[256];
        try
        {
            while (socket.Receive(answer) > 0)
            {
                // The endpoint may still send a CONNACK and a DISCONNECT.
            }
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
        }
    }

    private static void Send(Socket socket, byte[] bytes, int chunk)
    {
        try
        {
            for (int start = 0; start < bytes.Length; start += chunk)
            {
                socket.Send(bytes.AsSpan(start, Math.Min(chunk, bytes.Length - start)));
            }
        }
        catch (SocketException)
        {
            // The endpoint closed the connection before everything was sent.
        }
    }

    private static void Leave(Socket socket, bool abruptly)
    {
        try
        {
            if (abruptly)
            {
                socket.LingerState = new LingerOption(true, 0);
                return;
            }

            socket.Shutdown(SocketShutdown.Send);
            byte[] rest = new byte[4_096];
            while (socket.Receive(rest) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // The other side closed the connection, as the test expects.
        }
    }
}
