using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Estream.Replication;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>A host with the role <c>auto</c>. Its MQTT endpoint acknowledges a message when a majority of the brokers has it.</summary>
internal sealed class AutoHost : IDisposable
{
    private const int ConnAckType = 0x20;
    private const int PubAckType = 0x40;
    private const int AnswerLimitMs = 10_000;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);
    private static readonly HttpClient s_http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly int _httpPort = LoopbackPort.Next();
    private readonly int _mqttPort = LoopbackPort.Next();
    private readonly ChildProcess _process;

    /// <param name="directory">The data folder, which a killed host may have used.</param>
    /// <param name="cluster">The cluster.</param>
    public AutoHost(string directory, ReplicationCluster cluster)
    {
        string file = directory + ".json";
        string brokers = string.Join(", ", cluster.Brokers.Select(broker => $"\"{broker.Host}:{broker.Port}\""));
        File.WriteAllText(file, $$"""
            { "Logging": { "LogLevel": { "Default": "Warning" } },
              "Estream": {
                "Queues": { "telemetry": { "Durability": "Quorum" }, "dead-letters": {} },
                "Replication": { "Cluster": "{{cluster.Name}}", "Brokers": [{{brokers}}], "Factor": {{cluster.Factor}}, "Role": "auto",
                  "Publish": ["telemetry"] },
                "Adapters": { "devices": { "Type": "mqtt-endpoint", "Address": "127.0.0.1", "Port": {{_mqttPort}},
                  "Mappings": [{ "Topic": "{{MqttWorkload.TopicPattern}}", "Payload": "json", "Schema": "IoTTelemetry",
                    "Queue": "telemetry" }] } } } }
            """);
        var start = new ProcessStartInfo("dotnet", [BuiltProgram.Find("Estream.Host", "Estream.Host.dll"), "--config", file])
        {
            Environment =
            {
                ["ESTREAM_DATA"] = directory,
                ["ESTREAM_HTTP_PORT"] = _httpPort.ToString(CultureInfo.InvariantCulture),
            },
        };
        _process = new ChildProcess(SelfProcess.Start(start), "the host");
    }

    /// <summary>Waits until the host follows an active host.</summary>
    public void WaitUntilFollowing()
    {
        string last = "no answer";
        Wait(() => (last = Health()).Contains("\"role\":\"follower\",\"state\":\"running\"", StringComparison.Ordinal),
            () => $"the host does not follow: {last}");
    }

    /// <summary>Sends a message as soon as the host accepts clients, and returns when the host has acknowledged it.</summary>
    public void PublishAcknowledged() => Wait(TryPublish, () => "the host acknowledges no message");

    /// <summary>Kills the host by a signal that it cannot handle.</summary>
    public void Kill() => _process.Kill();

    public void Dispose()
    {
        // The host ignores the end of its input.
        _process.Kill();
        _process.Dispose();
    }

    private static void Wait(Func<bool> condition, Func<string> otherwise)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > s_limit)
            {
                throw new ScenarioException($"{otherwise()}; limit {s_limit.TotalSeconds:0} s");
            }

            Thread.Sleep(1);
        }
    }

    private string Health()
    {
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, $"http://127.0.0.1:{_httpPort}/health");
            using HttpResponseMessage answer = s_http.Send(request);
            using StreamReader reader = new(answer.Content.ReadAsStream());
            return reader.ReadToEnd();
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            return failure.Message;
        }
    }

    // A host that is not active refuses the connection, and one that has just lost its queue ends it.
    private bool TryPublish()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            {
                NoDelay = true,
                ReceiveTimeout = AnswerLimitMs,
            };
            socket.Connect(IPAddress.Loopback, _mqttPort);
            socket.Send(MqttWorkload.ConnectAs("takeover"));
            if (ReadPacket(socket) != ConnAckType)
            {
                return false;
            }

            socket.Send(MqttWorkload.EncodeAcknowledged(1));
            return ReadPacket(socket) == PubAckType;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Reads a packet below 128 bytes and returns its type; 0 at the end of the connection.</summary>
    private static int ReadPacket(Socket socket)
    {
        byte[] packet = new byte[2 + sbyte.MaxValue];
        int length = 2;
        for (int read = 0; read < length;)
        {
            int count = socket.Receive(packet, read, length - read, SocketFlags.None);
            if (count == 0)
            {
                return 0;
            }

            read += count;
            length = read == 2 && length == 2 ? 2 + Math.Min((int)packet[1], sbyte.MaxValue) : length;
        }

        return packet[0];
    }
}
