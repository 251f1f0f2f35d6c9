using System.Diagnostics;
using Estream.Core;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using Estream.Wire;
using Estream.Wire.Mqtt;

namespace Estream.Scenarios.Product;

/// <summary>
/// The <c>estream</c> row of `mqtt-ingest`: endpoint, queue and fold as the host composes them, in this process; the sender
/// is in another process. A round ends when the last message has been put into the map.
/// </summary>
internal sealed class MqttIngestContender : IContender
{
    private static readonly TimeSpan s_roundLimit = TimeSpan.FromSeconds(100);

    private readonly long _messages;
    private readonly CancellationTokenSource _stopping = new();
    private readonly EstreamQueue _telemetry;
    private readonly EstreamQueue _deadLetters;
    private readonly StateMap<Utf8Key64, LatestEntry> _latest;
    private readonly IngressSinks _sinks;
    private readonly MapFold _fold;
    private readonly MqttEndpoint _endpoint;
    private readonly Task _folding;
    private readonly Task _ingesting;
    private readonly IDisposable[] _holders;
    private readonly ChildProcess _sender;
    private long _sent;

    public MqttIngestContender(ContenderContext context)
    {
        var log = new LogWorkload(context.Size);
        _messages = MqttWorkload.Messages(context.Size);
        string queueDirectory = Path.Combine(context.Directory, "telemetry");
        string mapDirectory = Path.Combine(context.Directory, "latest");
        _telemetry = EstreamQueue.Open(
            queueDirectory, new QueueOptions { RetainedBytes = log.RetainedSegments * new QueueOptions().SegmentBytes });
        string deadLetterDirectory = Path.Combine(context.Directory, "dead-letters");
        _deadLetters = EstreamQueue.Open(deadLetterDirectory);
        _latest = StateMap.Open<Utf8Key64, LatestEntry>(mapDirectory);
        _sinks = new IngressSinks(_deadLetters, EsfSchemaSet.BuiltIn);
        _sinks.Add("telemetry", _telemetry);
        if (!EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema))
        {
            throw new ScenarioException("IoTTelemetry is not among the built-in schemas");
        }

        _fold = new MapFold("latest", _telemetry, schema, "device_id", new LatestSink(_latest));
        _folding = _fold.RunAsync(_stopping.Token);
        _endpoint = new MqttEndpoint(
            new MqttEndpointOptions { Port = 0 },
            [TopicMapping.Json(MqttWorkload.TopicPattern, schema, "telemetry")],
            new AdapterContext("devices", EsfSchemaSet.BuiltIn, _sinks, SystemClock.Instance, Report));
        _endpoint.StartAsync(_stopping.Token).GetAwaiter().GetResult();
        _ingesting = _endpoint.Ingest(_stopping.Token);
        _holders =
        [
            Holder.Start(HeldStorage.Queue, queueDirectory),
            Holder.Start(HeldStorage.Queue, deadLetterDirectory),
            Holder.Start(HeldStorage.LatestMap, mapDirectory),
        ];
        _sender = MqttSender.Start(_endpoint.LocalEndPoint!.Port);
    }

    public RunResult Run()
    {
        long goal = _fold.Applied + _messages;
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long start = Stopwatch.GetTimestamp();
        _sender.Send($"send {_messages}");
        _sent += _messages;
        while (_fold.Applied < goal)
        {
            if (Stopwatch.GetElapsedTime(start) > s_roundLimit)
            {
                throw new ScenarioException(
                    $"{goal - _fold.Applied} of {_messages} messages did not reach the map in {s_roundLimit.TotalSeconds} s; "
                    + $"{_endpoint.Health}");
            }

            Thread.Sleep(1);
        }

        long elapsed = RoundTimer.NanosOf(Stopwatch.GetTimestamp() - start);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        _sender.Expect("sent", s_roundLimit);
        RequireThatAllCame();
        return new RunResult(_messages, elapsed) { AllocatedBytes = allocated };
    }

    public void Dispose()
    {
        _sender.Dispose();
        _stopping.Cancel();
        Task.WaitAll(_folding, _ingesting);
        _endpoint.DisposeAsync().AsTask().GetAwaiter().GetResult();
        foreach (IDisposable holder in _holders)
        {
            holder.Dispose();
        }

        _sinks.Dispose();
        _latest.Dispose();
        _deadLetters.Dispose();
        _telemetry.Dispose();
        _stopping.Dispose();
    }

    private static void Report(AdapterEvent happened)
    {
        if (happened.Kind is not (AdapterEventKind.Started or AdapterEventKind.Stopped or AdapterEventKind.Connected
            or AdapterEventKind.Disconnected))
        {
            Console.Error.WriteLine($"mqtt-ingest: {happened.Kind}: {happened.Detail}");
        }
    }

    /// <summary>Requires that every message of every round is in the log, that there are no dead letters, and that the newest is in the
    /// map.</summary>
    private void RequireThatAllCame()
    {
        long newest = -1;
        foreach (KeyValuePair<Utf8Key64, LatestEntry> entry in _latest)
        {
            newest = Math.Max(newest, entry.Value.Sequence);
        }

        if (_latest.Count != MqttWorkload.Devices || newest + 1 != _sent || _endpoint.Statistics.RejectedTotal != 0)
        {
            throw new ScenarioException(
                $"{newest + 1} of {_sent} messages are in the map, from {_latest.Count} devices instead of {MqttWorkload.Devices}; "
                + $"{_endpoint.Statistics.RejectedTotal} were rejected");
        }
    }
}

/// <summary>Keeps the latest message of each device in a map, as the host does; a new map for each run.</summary>
internal sealed class LatestSink(StateMap<Utf8Key64, LatestEntry> map) : IKeyedSink
{
    public bool NeedsReplay => false;

    public void Clear() => map.Clear();

    public bool TryPut(ReadOnlySpan<byte> key, long position, long sequence, long time, ReadOnlySpan<byte> message)
    {
        if (!Utf8Key64.TryCreate(key, out Utf8Key64 mapKey))
        {
            return false;
        }

        LatestEntry entry = LatestEntry.Create(position, sequence, time, message);
        map.Put(in mapKey, in entry);
        return true;
    }
}
