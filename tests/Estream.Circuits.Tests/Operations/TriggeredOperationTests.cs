using Estream.Circuits.Operations;
using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Tests.Declared;
using Estream.Testing;

namespace Estream.Circuits.Tests.Operations;

/// <summary>Operations of running circuits: by event, by timer and by threshold.</summary>
public sealed class TriggeredOperationTests : OperationCase
{
    private const string Compact = """
        escir_version: "0.8.0"
        name: acme.compact.v1
        version: "1.0.0"
        types:
          - name: CompactRequest
            fields:
              - { name: retained_bytes, type: u64, optional: true }
              - { name: retained_age, type: u64, optional: true }
          - name: CompactResult
            fields:
              - { name: status, type: Status }
              - { name: segments, type: u64, optional: true }
              - { name: segment_bytes, type: u64, optional: true }
              - { name: segments_beyond, type: u64, optional: true }
              - { name: oldest_position, type: i64, optional: true }
              - { name: oldest_sequence, type: u64, optional: true }
        enums:
          Status: { values: [Done, Created, Replaced, Conflict, Absent, Full, TooLong, Unversioned, Invalid] }
        inputs: [{ name: minute, every: 1m }]
        outputs: [{ name: results, type: CompactResult, queue: compactions }]
        compute:
          - { id: request, type: transform, schema: CompactRequest, set: { retained_bytes: 65536 } }
          - { id: compact, type: operation, operation: queue.compact, queue: log }
        flows: [minute -> request -> compact -> results]
        """;

    private readonly Resources _places;

    public TriggeredOperationTests() => _places = Own(new Resources(Directory.Combine("host")));

    [Fact]
    public async Task An_event_executes_an_operation_and_its_usage_is_charged()
    {
        await using CircuitRuntime runtime = Runtime(Load("map.put"));
        RunningCircuit put = runtime.Run(Load("map.put"), "acme");
        Send("requests", put.Circuit.Operation!.Request, """{"key":"61","value":"31"}""", """{"key":"61","value":"32"}""");
        Eventually.True(() => put.Usage.Operations == 4, "both requests are executed");
        Assert.Equal(["""{"status":"Created","version":1}""", """{"status":"Replaced","version":2}"""], Results(put));
        runtime.Sample();

        // The circuit counts bytes and CPU time a moment after the operations, and then waits.
        Eventually.True(() => put.Usage is { CpuNanos: > 0, StorageBytes: > 0, EgressBytes: > 0 } || !OperatingSystem.IsLinux(),
            "the rest is counted");
        Eventually.True(() => put.Usage == runtime.UsageOf("acme"), "the tenant has the usage of its circuit");
        Assert.Equal(0, put.Failures);
        Assert.Single(put.Observations);
    }

    [Fact]
    public async Task A_timer_executes_an_operation_on_a_queue()
    {
        Circuit circuit = Read(Compact);
        await using CircuitRuntime runtime = Runtime(circuit);
        Fill(_places.Queue("log"), segments: 5);
        Clock.Pass(TimeSpan.FromSeconds(1));
        RunningCircuit compact = runtime.Run(circuit);
        runtime.RunTimers();
        Assert.Empty(Results(compact));
        Clock.Pass(TimeSpan.FromMinutes(1));
        runtime.RunTimers();
        Eventually.True(() => compact.Usage.Operations >= 3, "the timer has executed the operation");
        Assert.Contains("\"status\":\"Done\"", Assert.Single(Results(compact)), StringComparison.Ordinal);
        Assert.True(_places.Queue("log").GetInfo().FirstSequence > 0);
    }

    [Fact]
    public async Task A_threshold_of_another_circuit_executes_an_operation()
    {
        Circuit watch = Read("""
            escir_version: "0.8.0"
            name: acme.watch.v1
            version: "1.0.0"
            types:
              - { name: Size, fields: [{ name: queue, type: string }, { name: bytes, type: f64 }] }
              - { name: Grown, fields: [{ name: is_high, type: bool }] }
            inputs: [{ name: sizes, type: Size }]
            outputs: [{ name: grown, type: Grown }]
            compute:
              - { id: high, type: threshold, value: bytes, raise_above: 1000.0, clear_below: 500.0, key: queue, schema: Grown,
                  set: { is_high: crossing.raised } }
            flows: [sizes -> high -> grown]
            """);
        Circuit circuit = Read(Compact
            .Replace("inputs: [{ name: minute, every: 1m }]", "inputs: [{ name: grown, type: Grown }]", StringComparison.Ordinal)
            .Replace("  - name: CompactRequest", "  - { name: Grown, fields: [{ name: is_high, type: bool }] }\n  - name: CompactRequest",
                StringComparison.Ordinal)
            .Replace("compute:", "compute:\n  - { id: high, type: filter, when: is_high }", StringComparison.Ordinal)
            .Replace("minute -> request", "grown -> high -> request", StringComparison.Ordinal)
            .Replace("acme.compact.v1", "acme.watch.v1", StringComparison.Ordinal));
        await using CircuitRuntime runtime = Runtime(circuit);
        Fill(_places.Queue("log"), segments: 5);
        RunningCircuit compact = runtime.Run(circuit);
        _ = runtime.Run(watch);
        Send("sizes", watch.Inputs[0].Schema, """{"queue":"log","bytes":400}""", """{"queue":"log","bytes":2000}""");
        Eventually.True(() => compact.Usage.Operations >= 2, "the threshold has executed the operation");
        Assert.Single(Results(compact));
    }

    [Fact]
    public async Task An_operation_that_fails_is_opened_again_until_it_works()
    {
        List<string> told = [];
        Circuit circuit = Load("queue.replicate");
        using OperationStores stores = Stores([circuit], new LocalReplicationEngine(Directory.Combine("replicas")));
        string target = Directory.Combine("replicas", "queues", "copy");
        Foreign(target);
        await using CircuitRuntime runtime = new(Options() with
        {
            Operations = stores.Of,
            Failed = (_, _, reason) => { lock (told) { told.Add(reason); } },
        });
        RunningCircuit running = runtime.Run(circuit);
        Fill(_places.Queue("log"), segments: 1);
        Send("requests", circuit.Operation!.Request, """{"most":1000000}""");
        Eventually.True(() => running.Failures > 1, "the operation fails and is retried");
        Assert.Contains("copy", running.Failure, StringComparison.Ordinal);

        // Checked before the move: an attempt during the move may fail for another reason, which is reported as well.
        lock (told)
        {
            Assert.Single(told);
        }

        System.IO.Directory.Move(target, target + ".other");
        Eventually.True(() => running.Usage.Operations == 2, "the operation works after the target was moved away");
        Assert.Null(running.Failure);
        Assert.Contains("\"lag_messages\":0", Assert.Single(Results(running)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_of_a_tenant_delay_triggered_operations()
    {
        Circuit circuit = Load("map.put");
        using OperationStores stores = Stores([circuit]);
        await using CircuitRuntime runtime = new(Options() with
        {
            Operations = stores.Of,
            Tenants = new Dictionary<string, TenantLimits> { ["acme"] = new() { StorageBytes = 1 } },
        });
        RunningCircuit put = runtime.Open(circuit, "acme");
        Send("requests", circuit.Operation!.Request, """{"key":"61","value":"31"}""");
        put.Start();
        Eventually.True(() => put.Usage.Operations == 2, "the first step runs");
        runtime.Sample();
        Assert.True(put.IsThrottled);
    }

    [Fact]
    public async Task Operations_on_one_map_exclude_one_another()
    {
        Circuit put = Load("map.put");
        Circuit get = Load("map.get");
        using OperationStores stores = Stores([put, get]);
        await using CircuitRuntime runtime = new(Options() with { Operations = stores.Of });
        RunningCircuit writing = runtime.Run(put);
        OperationCircuit reading = runtime.OpenOperation(get, stores.Of(get.Operation!));
        const int Count = 2_000;
        Send("requests", put.Operation!.Request,
            [.. Enumerable.Range(0, Count).Select(i => $$"""{"key":"61","value":"{{i:x8}}{{i:x8}}"}""")]);
        byte[] request = Encode(get.Operation!.Request, """{"key":"61"}""");
        EsfField value = get.Operation.Result.Fields.First(field => field.Name == "value");
        while (writing.Usage.Operations < 2 * Count)
        {
            if (value.TryGetBytes(reading.Run(request), out ReadOnlySpan<byte> found))
            {
                Assert.True(found[..4].SequenceEqual(found[4..]), "a read shows a whole value");
            }
        }

        Assert.Equal(0, writing.Failures);
    }

    [Fact]
    public void A_circuit_is_refused_whose_queue_does_not_exist()
    {
        using OperationStores stores = new(name => throw new ArgumentException($"There is no queue '{name}'."),
            name => Directory.Combine(name), []);
        CircuitRuntime runtime = new(Options() with { Operations = stores.Of });
        Assert.Contains("'log'", Assert.Throws<ArgumentException>(() => runtime.Open(Load("queue.append"))).Message,
            StringComparison.Ordinal);
        CircuitRuntime without = new(Options());
        Assert.Contains("Operations", Assert.Throws<ArgumentException>(() => without.Open(Load("queue.append"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Two_change_feeds_of_one_map_are_refused()
    {
        CircuitOperation one = Load("map.sync").Operation!;
        string text = File.ReadAllText(FileOf("map.sync")).Replace("feed: changes", "feed: others", StringComparison.Ordinal);
        CircuitOperation other = Read(text).Operation!;
        Assert.Contains("two change feeds", Assert.Throws<ArgumentException>(
            () => new OperationStores(_places.Queue, name => Directory.Combine(name), [one, other])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trial_runs_a_circuit_that_ends_with_an_operation()
    {
        Circuit circuit = Read(Compact);
        using Testing.CircuitTrial trial = new(circuit);
        byte[] tick = Encode(circuit.Inputs[0].Schema, """{"at":60000000000,"number":0,"missed":0}""");
        trial.Append("minute", tick);
        Assert.Single(trial.Run().Outputs["results"]);
    }

    private static Circuit Read(string text)
    {
        CircuitReadResult result = CircuitReader.Read(text, "test.circuit.yaml", EsfSchemaSet.BuiltIn, _ => EsfSchemaSet.Empty);
        Assert.True(result.Diagnostics.Count == 0, string.Join('\n', result.Diagnostics));
        return result.Circuit!;
    }

    private CircuitRuntime Runtime(params Circuit[] circuits) =>
        new(Options() with { Operations = Own(Stores(circuits)).Of });

    private OperationStores Stores(Circuit[] circuits, IReplicationEngine? engine = null) =>
        new(_places.Queue, name => Directory.Combine("operations", name), circuits.Select(circuit => circuit.Operation!), engine, Clock);

    private CircuitRuntimeOptions Options() => new() { Resources = _places, Clock = Clock, SampleEvery = TimeSpan.FromMinutes(1) };

    private void Send(string queue, EsfSchema schema, params string[] messages)
    {
        using QueueAppender appender = _places.Queue(queue).CreateAppender();
        foreach (string message in messages)
        {
            appender.Append(Encode(schema, message));
        }
    }

    private List<string> Results(RunningCircuit circuit)
    {
        using QueueTailer tailer = _places.Queue(circuit.Circuit.Outputs[0].Queue!).CreateTailer();
        List<string> texts = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            texts.Add(EsfJson.ToText(circuit.Circuit.Outputs[0].Schema, message.Payload));
        }

        return texts;
    }

    private static void Fill(EstreamQueue queue, int segments)
    {
        using QueueAppender appender = queue.CreateAppender();
        byte[] message = new byte[1_000];
        for (long bytes = 0; bytes < segments * queue.SegmentBytes; bytes += message.Length)
        {
            appender.Append(message);
        }
    }

    // A queue that is not a replica.
    private static void Foreign(string directory)
    {
        using EstreamQueue queue = EstreamQueue.Open(directory, new QueueOptions { SegmentBytes = 1 << 20 });
        using QueueAppender appender = queue.CreateAppender();
        appender.Append([1]);
    }
}
