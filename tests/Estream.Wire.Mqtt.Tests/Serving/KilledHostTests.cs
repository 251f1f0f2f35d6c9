using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>
/// Goal: QoS 2 is exactly once, from a publisher into a queue and to a subscriber, at whatever point the host crashes. Method: the host is
/// killed with SIGKILL under load and restarted on the same files. Both clients keep their half of the protocol state and resume their
/// sessions.
/// </summary>
public sealed class KilledHostTests(ITestOutputHelper output)
{
    private const int PerRound = 40;

    [Fact]
    [Trait("Statement", "MQTT-3.1.2-23")]
    [Trait("Statement", "MQTT-4.3.3-10")]
    [Trait("Statement", "MQTT-4.4.0-1")]
    public async Task QoS_2_is_exactly_once_in_both_directions_across_kill_9()
    {
        int rounds = LongRun.Count(6, 100);
        int seed = int.TryParse(Environment.GetEnvironmentVariable("ESTREAM_TEST_SEED"), out int given)
            ? given
            : RandomNumberGenerator.GetInt32(int.MaxValue);
        output.WriteLine($"ESTREAM_TEST_SEED={seed} repeats the moments");
        Random random = new(seed);
        using TempDirectory folder = new();
        string config = WriteConfig(folder);
        int total = rounds * PerRound;
        (int http, int mqtt) = (FreePort.Next(), FreePort.Next());
        OncePublisher publisher = new(mqtt);
        OnceSubscriber subscriber = new(mqtt);
        HostProcess host = HostProcess.Start(folder.Combine("data"), http, mqtt, config).WaitUntilReady();
        try
        {
            subscriber.Begin();
            publisher.Begin();
            Task taking = Task.Run(() => subscriber.TakeUntil(total));
            Task publishing = Task.Run(() => publisher.PublishUntil(total));
            for (int round = 0; round < rounds - 1; round++)
            {
                int moment = (round * PerRound) + 1 + random.Next(PerRound);
                Eventually.True(() => publisher.Done >= moment || publishing.IsCompleted, $"message {moment} is published");
                host.Kill();
                host.Dispose();
                host = HostProcess.Start(folder.Combine("data"), http, mqtt, config).WaitUntilReady();
            }

            await publishing;
            await taking;
        }
        finally
        {
            publisher.Stop();
            subscriber.Stop();
            host.Dispose();
        }

        Assert.Equal(Enumerable.Range(0, total), subscriber.Numbers);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(folder.Combine("data", "queues", "telemetry"));
        using QueueTailer tailer = queue.CreateTailer();
        int stored = 0;
        while (tailer.TryRead(out _))
        {
            stored++;
        }

        Assert.Equal(total, stored);
        output.WriteLine(
            $"{rounds - 1} kills, {total} messages; the publisher connected {publisher.Connections} times, the subscriber "
            + $"{subscriber.Connections} times");
    }

    private static string WriteConfig(TempDirectory folder)
    {
        string rules = folder.Combine("rules");
        File.WriteAllText(rules, ServingEndpoint.Everything);
        string config = folder.Combine("estream.json");
        File.WriteAllText(config, $$$$$"""
            {"Estream":{"Queues":{"telemetry":{"SegmentBytes":262144},"dead-letters":{"SegmentBytes":131072}},
             "Adapters":{"devices":{"Type":"mqtt-endpoint","MaxPacketBytes":65536,"AclFile":"{{{{{rules}}}}}","RelayBytes":33554432,
               "Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]}}}}
            """);
        return config;
    }

    /// <summary>A client that reconnects until it is stopped. Its session must be present each time except the first.</summary>
    private abstract class OnceClient(string clientId, int port)
    {
        private volatile bool _isOver;
        private volatile RawClient? _client;

        public int Connections { get; private set; }

        protected bool IsOver => _isOver;

        public void Stop()
        {
            _isOver = true;
            _client?.Dispose();
        }

        protected RawClient Connect()
        {
            RawClient client = new(port);
            try
            {
                RawPacket answer = client.Connect(clientId, cleanStart: false, expirySeconds: 3_600);
                if (Connections > 0 && answer.Body[0] != 1)
                {
                    throw new InvalidOperationException($"The session of {clientId} is gone.");
                }
            }
            catch
            {
                client.Dispose();
                throw;
            }

            Connections++;
            _client = client;
            return client;
        }

        /// <summary>Runs an action across as many connections as necessary.</summary>
        protected void Persist(Func<bool> isDone, Action<RawClient> work)
        {
            while (!isDone() && !_isOver)
            {
                try
                {
                    using RawClient client = Connect();
                    work(client);
                }
                catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException or XunitException)
                {
                    // The host was killed; the test client reports the closed connection by an assertion.
                    Eventually.True(() => _isOver || Answers(), "the host is back");
                }
            }
        }

        private bool Answers()
        {
            try
            {
                new RawClient(port).Dispose();
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    private sealed class OncePublisher(int port) : OnceClient("publisher", port)
    {
        private int _done;
        private bool _isSent;
        private bool _isReceived;

        public int Done => Volatile.Read(ref _done);

        public void Begin()
        {
            Connect().Dispose();
        }

        public void PublishUntil(int total)
        {
            Persist(() => Done >= total, client => PublishAll(client, total));
        }

        private static ushort IdOf(int number)
        {
            return (ushort)((number % 1_000) + 1);
        }

        private void PublishAll(RawClient client, int total)
        {
            while (Done < total && !IsOver)
            {
                ushort id = IdOf(Done);
                if (!_isReceived)
                {
                    string json =
                        string.Create(CultureInfo.InvariantCulture, $$"""{"timestamp":{{Done}},"metric_name":"m","value":{{Done}}}""");
                    byte[] packet = RawClient.Publishing("devices/d/telemetry", json, MqttQos.ExactlyOnce, id);
                    packet[0] |= _isSent ? (byte)8 : (byte)0;
                    _isSent = true;
                    client.Send(packet);
                    client.ExpectAck(PacketType.PubRec, id);
                    _isReceived = true;
                }

                client.Send(0x62, 2, (byte)(id >> 8), (byte)id);
                client.ExpectAck(PacketType.PubComp, id);
                _isSent = false;
                _isReceived = false;
                Volatile.Write(ref _done, Done + 1);
            }
        }
    }

    private sealed class OnceSubscriber(int port) : OnceClient("subscriber", port)
    {
        private readonly HashSet<ushort> _unreleased = [];

        public List<int> Numbers { get; } = [];

        public void Begin()
        {
            using RawClient client = Connect();
            client.Send(ClientPackets.Subscribe(1, [new MqttSubscription("devices/+/telemetry", MqttQos.ExactlyOnce)]));
            Assert.Equal([0, 1, 0, 2], client.Read().Body);
        }

        public void TakeUntil(int total)
        {
            Persist(() => Numbers.Count >= total, client => TakeAll(client, total));
        }

        private void TakeAll(RawClient client, int total)
        {
            while ((Numbers.Count < total || _unreleased.Count > 0) && !IsOver)
            {
                RawPacket packet = client.Read();
                if (packet.Type == PacketType.Publish)
                {
                    Delivered delivered = Delivered.Of(packet);
                    if (_unreleased.Add(delivered.PacketId))
                    {
                        Numbers.Add(NumberOf(delivered.Payload));
                    }

                    client.Send(0x50, 2, (byte)(delivered.PacketId >> 8), (byte)delivered.PacketId);
                    continue;
                }

                Assert.Equal(PacketType.PubRel, packet.Type);
                _unreleased.Remove((ushort)((packet.Body[0] << 8) | packet.Body[1]));
                client.Send(0x70, 2, packet.Body[0], packet.Body[1]);
            }
        }

        private static int NumberOf(string json)
        {
            int start = json.IndexOf(':', StringComparison.Ordinal) + 1;
            return int.Parse(json.AsSpan(start, json.IndexOf(',', StringComparison.Ordinal) - start), CultureInfo.InvariantCulture);
        }
    }
}
