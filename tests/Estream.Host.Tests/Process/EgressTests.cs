using System.Globalization;
using System.Text.Json;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: the messages of a queue reach a real broker in order, at least once, despite crashes of broker and host. Method: devices publish
/// to the host's endpoint, a client of the same host publishes the queue to mosquitto, and mosquitto_sub prints what arrives.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class EgressTests : IDisposable
{
    private const int PerRound = 300;

    private readonly TempDirectory _folder = new();
    private readonly int _brokerPort = FreePort.Next();

    private string Data => _folder.Combine("data");

    public void Dispose() => _folder.Dispose();

    [PeerFact("mosquitto_sub", "mosquitto-clients")]
    public async Task A_queue_is_published_in_order_across_crashes_of_the_broker_and_the_host()
    {
        string config = WriteConfig();
        ChildProcess broker = StartBroker();
        HostProcess host = HostProcess.Start(Data, configFile: config).WaitUntilReady();
        ChildProcess subscriber = Subscribe();
        try
        {
            await LoadAsync(host, round: 0);
            WaitFor(subscriber, round: 0);
            IReadOnlyList<int> first = Numbers(subscriber);

            // The broker is killed and loses its session state; messages that arrive meanwhile wait in the queue.
            broker.Kill();
            broker.Dispose();
            subscriber.Dispose();
            await LoadAsync(host, round: 1);
            Eventually.True(() => IsWaiting(host), "the host reports that it cannot publish");
            host.Process.Signal("STOP");
            broker = StartBroker();
            subscriber = Subscribe();
            host.Process.Signal("CONT");
            WaitFor(subscriber, round: 1);
            IReadOnlyList<int> second = Numbers(subscriber);

            // The host is killed while it publishes, and resumes at its position.
            subscriber.Dispose();
            subscriber = Subscribe();
            await LoadAsync(host, round: 2);
            host.Kill();
            host.Dispose();
            host = HostProcess.Start(Data, configFile: config).WaitUntilReady();
            WaitFor(subscriber, round: 2);
            IReadOnlyList<int> third = Numbers(subscriber);

            AssertInOrder(first, round: 0);
            AssertInOrder(second, round: 1);
            AssertInOrder(third, round: 2);
            Assert.Equal(PerRound, first.Count);
            Assert.Equal(0, host.Stop().ExitCode);
        }
        finally
        {
            host.Dispose();
            subscriber.Dispose();
            broker.Dispose();
        }
    }

    [PeerFact("mosquitto_sub", "mosquitto-clients")]
    public async Task A_publication_that_the_broker_denies_waits_until_it_is_allowed()
    {
        string access = _folder.Combine("access");
        File.WriteAllText(access, "topic read out/#\n");
        using ChildProcess broker = StartBroker($"acl_file {access}");
        using HostProcess host = HostProcess.Start(Data, configFile: WriteConfig()).WaitUntilReady();
        using ChildProcess subscriber = Subscribe();
        await LoadAsync(host, round: 0);
        Eventually.True(() => IsWaiting(host) && host.Get("/api/overview").Contains("NotAuthorized", StringComparison.Ordinal),
            "the refusal is reported");
        Assert.Empty(Numbers(subscriber));

        File.WriteAllText(access, "topic readwrite out/#\n");
        broker.Signal("HUP");

        // The broker may load the permission while messages are in flight. Messages that it accepts after a rejected message are published
        // again after the rejected message.
        Eventually.True(() => IsLastOfEachInOrder(Numbers(subscriber)),
            "each message has arrived, the last of each in the order of the queue");
        Eventually.True(() => host.Get("/metrics").Contains(
            $"estream_egress_published_total{{adapter=\"cloud\",queue=\"telemetry\"}} {PerRound}", StringComparison.Ordinal),
                "all are counted");
        Assert.Contains("estream_egress_refused_total{adapter=\"cloud\",queue=\"telemetry\"} 0", host.Get("/metrics"),
            StringComparison.Ordinal);
        Assert.Equal(0, host.Stop().ExitCode);
    }

    [PeerFact("mosquitto", "mosquitto")]
    public async Task A_stop_without_the_broker_is_clean_and_skips_no_message()
    {
        string config = WriteConfig();
        ChildProcess broker = StartBroker();
        using (HostProcess host = HostProcess.Start(Data, configFile: config).WaitUntilReady())
        {
            // Freeze the broker instead of ending it, so the message in flight gets no answer.
            broker.Signal("STOP");
            await LoadAsync(host, round: 0);
            ProcessResult end = host.Stop();
            Assert.Equal((0, ""), (end.ExitCode, end.Error));
        }

        broker.Dispose();
        broker = StartBroker();
        using ChildProcess subscriber = Subscribe();
        using HostProcess again = HostProcess.Start(Data, configFile: config).WaitUntilReady();
        WaitFor(subscriber, round: 0);
        AssertInOrder(Numbers(subscriber), round: 0);
        broker.Dispose();
    }

    /// <summary>Checks that every number first appears after the previous one. Numbers may repeat from some point on, but none is
    /// skipped.</summary>
    private static void AssertInOrder(IReadOnlyList<int> numbers, int round)
    {
        int next = round * PerRound;
        foreach (int number in numbers.SkipWhile(number => number < round * PerRound))
        {
            Assert.True(number <= next, $"{number} came before {next}");
            next = Math.Max(next, number + 1);
        }

        Assert.Equal((round + 1) * PerRound, next);
    }

    private static bool IsLastOfEachInOrder(List<int> numbers)
    {
        int[] places = [.. Enumerable.Range(0, PerRound).Select(number => numbers.LastIndexOf(number))];
        return places[0] >= 0 && places.Zip(places.Skip(1)).All(pair => pair.First < pair.Second);
    }

    // Messages of the round before may be published again.
    private static void WaitFor(ChildProcess subscriber, int round) =>
        Eventually.True(() => Numbers(subscriber).Where(number => number >= round * PerRound).Distinct().Count() >= PerRound,
            $"the {PerRound} messages of round {round} have arrived at the subscriber");

    private static List<int> Numbers(ChildProcess subscriber) =>
    [
        .. subscriber.Output.Split('\n').Where(line => line.StartsWith("out/d-0 ", StringComparison.Ordinal)).Select(line =>
        {
            using JsonDocument message = JsonDocument.Parse(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
            return (int)message.RootElement.GetProperty("value").GetDouble();
        }),
    ];

    private static bool IsWaiting(HostProcess host) =>
        host.Health() == System.Net.HttpStatusCode.ServiceUnavailable
        && host.Get("/api/overview").Contains("\"name\":\"cloud\",\"type\":\"mqtt-client\",\"state\":\"", StringComparison.Ordinal);

    /// <summary>One device publishes the numbers of a round to the host's endpoint and has every one acknowledged.</summary>
    private static async Task LoadAsync(HostProcess host, int round)
    {
        Wire.Mqtt.MqttPublisher publisher = new(
            new Wire.Mqtt.MqttPublisherOptions
            {
                Port = host.MqttPort, Qos = Wire.Mqtt.MqttQos.AtLeastOnce, Connections = 1, Devices = 1, DeviceName = _ => "d-0",
                MaxMessages = PerRound,
            },
            (destination, _, sequence) => System.Text.Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture,
                    $$"""{"timestamp":1,"metric_name":"m","value":{{(round * PerRound) + sequence}}}"""), destination));
        await publisher.RunAsync();
    }

    private ChildProcess Subscribe()
    {
        // stdbuf makes the subscriber write each line immediately. By default, it writes to a pipe only in blocks of 4 KiB.
        ChildProcess subscriber = ChildProcess.Start(
            "stdbuf",
            ["-oL", Peer.Require("mosquitto_sub", "mosquitto-clients"), "-V", "5", "-h", "127.0.0.1", "-p", $"{_brokerPort}", "-q", "1",
                "-t", "out/#", "-F", "%t %p", "-d"]);
        subscriber.WaitForText("Subscribed");
        return subscriber;
    }

    private ChildProcess StartBroker(string settings = "")
    {
        string file = _folder.Combine("mosquitto.conf");

        // Do not set max_queued_messages to 0 (no limit): when mosquitto 2.0.11 denies a message, it treats 0 as a limit and closes the
        // connection.
        File.WriteAllText(file,
            $"listener {_brokerPort} 127.0.0.1\nuser root\nallow_anonymous true\nmax_queued_messages 10000\n{settings}\n");
        ChildProcess broker = ChildProcess.Start(Peer.Require("mosquitto", "mosquitto"), ["-c", file, "-v"]);
        broker.WaitForText("running");
        return broker;
    }

    private string WriteConfig()
    {
        string file = _folder.Combine("estream.json");
        File.WriteAllText(file, $$$$$"""
            {"Estream":{"Queues":{"telemetry":{"SegmentBytes":262144}},
             "Maps":{"latest":{"Queue":"telemetry","Schema":"IoTTelemetry","Key":"device_id"}},
             "Adapters":{
              "devices":{"Type":"mqtt-endpoint","Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]},
              "cloud":{"Type":"mqtt-client","Broker":{"Host":"127.0.0.1","Port":{{{{{_brokerPort}}}}}},"Reconnect":{"MaxMs":500},
               "Egress":[{"Queue":"telemetry","Schema":"IoTTelemetry","Topic":"out/{device_id}"}]}}}}
            """);
        return file;
    }
}
