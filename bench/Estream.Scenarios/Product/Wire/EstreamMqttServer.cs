using System.Diagnostics;
using System.Globalization;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using Estream.Wire;
using Estream.Wire.Mqtt;

namespace Estream.Scenarios.Product;

/// <summary>
/// Runs the endpoint and the queue it stores in, in a child process (<c>--mqtt-server DIR LEVEL</c>): JSON to ESF and into the log. It
/// prints <c>port N</c>, answers <c>await N</c> when N more messages are stored and <c>check</c> when all are stored, and exits when
/// its input ends.
/// </summary>
internal sealed class EstreamMqttServer : IMqttServer
{
    public const string Role = "--mqtt-server";

    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_roundLimit = TimeSpan.FromSeconds(100);

    private readonly ChildProcess _child;

    public EstreamMqttServer(string directory, string level = DurabilityLevels.PageCache)
    {
        _child = new ChildProcess(SelfProcess.Start(Role, directory, level), "the endpoint of mqtt-ingest");
        Port = int.Parse(_child.Receive(s_startLimit)["port ".Length..], CultureInfo.InvariantCulture);
    }

    public int Port { get; }

    public int ProcessId => _child.Id;

    public void Await(long messages)
    {
        _child.Send($"await {messages}");
        _child.Expect("came", s_roundLimit + s_startLimit);
    }

    public void RequireWhole()
    {
        _child.Send("check");
        _child.Expect("whole", s_roundLimit);
    }

    public void Dispose() => _child.Dispose();

    /// <summary>The child side.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 2)
        {
            throw new ScenarioException($"{Role} is reserved for the harness: DIR LEVEL");
        }

        string queueDirectory = Path.Combine(arguments[0], "telemetry");
        string deadLetterDirectory = Path.Combine(arguments[0], "dead-letters");
        long retained = new LogWorkload(RunSize.Full).RetainedSegments * new QueueOptions().SegmentBytes;
        using EstreamQueue telemetry = EstreamQueue.Open(
            queueDirectory, new QueueOptions { RetainedBytes = retained, IngressDurability = DurabilityLevels.Of(arguments[1]) });
        using EstreamQueue deadLetters = EstreamQueue.Open(deadLetterDirectory);
        using var sinks = new IngressSinks(deadLetters, EsfSchemaSet.BuiltIn);
        sinks.Add("telemetry", telemetry);
        if (!EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema))
        {
            throw new ScenarioException("IoTTelemetry is not among the built-in schemas");
        }

        var endpoint = new MqttEndpoint(
            new MqttEndpointOptions { Port = 0, MaxConnections = 20_000, MaxConnectionsPerAddress = 20_000 },
            [TopicMapping.Json(MqttWorkload.TopicPattern, schema, "telemetry")],
            new AdapterContext("devices", EsfSchemaSet.BuiltIn, sinks, SystemClock.Instance, Report));
        endpoint.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        using var stopping = new CancellationTokenSource();
        Task ingesting = endpoint.Ingest(stopping.Token);
        using IDisposable holder = Holder.Start(HeldStorage.Queue, queueDirectory);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"port {endpoint.LocalEndPoint!.Port}"));
        Serve(endpoint, telemetry);
        stopping.Cancel();
        ingesting.GetAwaiter().GetResult();
        endpoint.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return 0;
    }

    private static void Serve(MqttEndpoint endpoint, EstreamQueue telemetry)
    {
        long expected = 0;
        while (Console.ReadLine() is { } command)
        {
            if (command == "check")
            {
                RequireStored(endpoint, telemetry, expected);
                Console.WriteLine("whole");
                continue;
            }

            expected += long.Parse(command["await ".Length..], CultureInfo.InvariantCulture);
            long start = Stopwatch.GetTimestamp();
            while (endpoint.Statistics.ReceivedTotal < expected)
            {
                if (Stopwatch.GetElapsedTime(start) > s_roundLimit)
                {
                    throw new ScenarioException($"{endpoint.Statistics.ReceivedTotal} of {expected} messages arrived; {endpoint.Health}");
                }

                Thread.Sleep(1);
            }

            Console.WriteLine("came");
        }
    }

    private static void RequireStored(MqttEndpoint endpoint, EstreamQueue telemetry, long expected)
    {
        long stored = telemetry.GetInfo().NextSequence;
        if (stored != expected || endpoint.Statistics.RejectedTotal != 0)
        {
            throw new ScenarioException(
                $"{stored} of {expected} messages are in the queue, and {endpoint.Statistics.RejectedTotal} were rejected");
        }
    }

    private static void Report(AdapterEvent happened)
    {
        if (happened.Kind is not (AdapterEventKind.Started or AdapterEventKind.Stopped or AdapterEventKind.Connected
            or AdapterEventKind.Disconnected))
        {
            Console.Error.WriteLine($"mqtt-ingest: {happened.Kind}: {happened.Detail}");
        }
    }
}
