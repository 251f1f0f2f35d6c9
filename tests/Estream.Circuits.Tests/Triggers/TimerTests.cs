using System.Collections.Concurrent;
using Estream.Circuits.Triggers;
using Estream.Core;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Testing;
using Estream.Witness.Tests.Support;

namespace Estream.Circuits.Tests.Triggers;

/// <summary>Timer inputs, with a clock that the test sets.</summary>
public sealed class TimerTests : CircuitCase
{
    private const long Second = 1_000_000_000;

    // The clock of the tests starts 10 seconds before a multiple of 30 seconds.
    private const long FirstDue = 1_700_000_010;

    private readonly ManualClock _clock = new((FirstDue - 10) * 1_000_000_000);
    private readonly ConcurrentQueue<string> _told = new();

    [Fact]
    public async Task Ticks_come_at_multiples_of_the_interval_and_flow_like_other_messages()
    {
        await using CircuitRuntime runtime = Runtime();
        RunningCircuit circuit = runtime.Run(Timer("a"));
        runtime.RunTimers();
        Assert.Empty(Ticks("ticks-a"));
        Pass(runtime, 9);
        Assert.Empty(Ticks("ticks-a"));
        Pass(runtime, 1);
        Assert.Equal([(FirstDue, 0, 0)], Ticks("ticks-a"));
        Pass(runtime, 29);
        Pass(runtime, 15);
        Pass(runtime, 16);
        Assert.Equal([(FirstDue, 0, 0), (FirstDue + 30, 1, 0), (FirstDue + 60, 2, 0)], Ticks("ticks-a"));
        EsfSchema alarm = circuit.Circuit.Outputs[0].Schema;
        Eventually.True(() => Texts("out-a", alarm).Count == 3, "the ticks have flowed");
        Assert.Equal("""{"device":"in time","level":2}""", Texts("out-a", alarm)[2]);
        Assert.Equal((TimeSpan.FromSeconds(30), "estream.system.TimerTick"),
            (circuit.Circuit.Inputs[0].Every, circuit.Circuit.Inputs[0].Schema.QualifiedName));
    }

    [Fact]
    public async Task A_timer_resumes_after_its_last_tick_and_reports_missed_ticks()
    {
        await using (CircuitRuntime runtime = Runtime())
        {
            runtime.Run(Timer("a"));
            Pass(runtime, 10);
        }

        // Restarts at once, without a due time in between.
        Reopen();
        await using (CircuitRuntime runtime = Runtime())
        {
            runtime.Run(Timer("a"));
            runtime.RunTimers();
            Assert.Single(Ticks("ticks-a"));
            Pass(runtime, 30);
        }

        Reopen();
        _clock.Pass(TimeSpan.FromMinutes(10));
        await using CircuitRuntime last = Runtime();
        RunningCircuit circuit = last.Run(Timer("a"));
        last.RunTimers();
        last.RunTimers();
        Assert.Equal([(FirstDue, 0, 0), (FirstDue + 30, 1, 0), (FirstDue + 630, 2, 19)], Ticks("ticks-a"));
        Eventually.True(() => Texts("out-a", circuit.Circuit.Outputs[0].Schema).Contains("""{"device":"late","level":2}"""),
            "the circuit is told of it");
    }

    [Fact]
    public async Task Two_timers_of_one_interval_have_the_same_due_times()
    {
        await using CircuitRuntime one = Runtime();
        _ = one.Run(Timer("a"));
        _clock.Pass(TimeSpan.FromSeconds(7));
        await using CircuitRuntime other = Runtime();
        _ = other.Run(Timer("b"));
        for (int i = 0; i < 50; i++)
        {
            _clock.Pass(TimeSpan.FromSeconds(11));
            one.RunTimers();
            other.RunTimers();
        }

        Assert.Equal(Ticks("ticks-a"), Ticks("ticks-b"));
        Assert.Equal(19, Ticks("ticks-a").Count);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_repeats_no_due_time_and_is_reported()
    {
        await using CircuitRuntime runtime = Runtime();
        RunningCircuit circuit = runtime.Run(Timer("a"));
        Pass(runtime, 70);
        Assert.Equal([(FirstDue + 60, 0, 2)], Ticks("ticks-a"));

        // This step back is too small to be reported.
        Pass(runtime, -45);
        Pass(runtime, 20);
        Assert.Null(circuit.Failure);
        Pass(runtime, -180);
        Pass(runtime, 30);
        Assert.Single(Ticks("ticks-a"));
        Assert.StartsWith("the clock is before 2023-11-14 22:14:30Z, the due time of the last tick in '", circuit.Failure,
            StringComparison.Ordinal);
        Assert.StartsWith("acme.a.v1 half_minute: the clock is before", Assert.Single(_told), StringComparison.Ordinal);

        // No due time is repeated after a restart, either.
        await runtime.DisposeAsync();
        Reopen();
        await using CircuitRuntime again = Runtime();
        circuit = again.Run(Timer("a"));
        again.RunTimers();
        Assert.Single(Ticks("ticks-a"));
        Assert.NotNull(circuit.Failure);
        Pass(again, 240);
        Assert.Equal([(FirstDue + 60, 0, 2), (FirstDue + 120, 1, 1)], Ticks("ticks-a"));
        Assert.Null(circuit.Failure);
    }

    [Fact]
    public async Task A_full_timer_queue_is_reported_retried_and_stops_no_other_timer()
    {
        HookedStorage storage = new();
        using FullQueueResources places = new(Resources, Directory.Combine("full"), storage);
        await using CircuitRuntime runtime = Runtime(places);
        RunningCircuit full = runtime.Run(Timer("full"));
        RunningCircuit other = runtime.Run(Timer("b"));
        Pass(runtime, 10);
        storage.OnCreateRegion = path => throw new EstreamStorageException("the disk is full", path, StorageFailure.DiskFull);

        // Writes ticks until the preallocated space is used up.
        for (int i = 0; i < 10_000 && full.Failure is null; i++)
        {
            Pass(runtime, 30);
        }

        Assert.Contains("the disk is full", full.Failure, StringComparison.Ordinal);
        int written = places.Ticks().Count;
        Eventually.True(() => full.Usage.Operations == 3 * written, "what was not written is not charged");
        long failures = full.Failures;
        Pass(runtime, 30);
        Pass(runtime, 30);
        Assert.True(full.Failures > failures, "it was not tried again");
        Assert.Equal((written, written + 3, null), (places.Ticks().Count, Ticks("ticks-b").Count, other.Failure));
        Assert.StartsWith("acme.full.v1 half_minute:", Assert.Single(_told), StringComparison.Ordinal);

        storage.OnCreateRegion = null;
        Pass(runtime, 30);
        Assert.Null(full.Failure);
        Assert.Equal((FirstDue + (30 * (written + 3)), written, 3), places.Ticks()[^1]);
        Assert.All(places.Ticks().SkipLast(1), tick => Assert.Equal(0, tick.Missed));
    }

    [Fact]
    public async Task Retries_of_a_tick_back_off_to_five_seconds_and_reset_after_success()
    {
        HookedStorage storage = new();
        using FullQueueResources places = new(Resources, Directory.Combine("full"), storage);
        await using CircuitRuntime runtime = Runtime(places);
        RunningCircuit full = runtime.Run(Timer("full"));
        RequirePauses(100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000);
        storage.OnCreateRegion = null;
        Pass(runtime, 5);
        Assert.Null(full.Failure);
        RequirePauses(100, 200);

        void RequirePauses(params int[] pausesMs)
        {
            storage.OnCreateRegion = path => throw new EstreamStorageException("the disk is full", path, StorageFailure.DiskFull);
            for (int i = 0; i < 10_000 && full.Failure is null; i++)
            {
                Pass(runtime, 30);
            }

            foreach (int pause in pausesMs)
            {
                long failures = full.Failures;
                _clock.Pass(TimeSpan.FromMilliseconds(pause - 1));
                runtime.RunTimers();
                Assert.Equal(failures, full.Failures);
                _clock.Pass(TimeSpan.FromMilliseconds(1));
                runtime.RunTimers();
                Assert.Equal(failures + 1, full.Failures);
            }
        }
    }

    [Fact]
    public async Task Ticks_are_charged_to_their_circuit()
    {
        await using CircuitRuntime runtime = Runtime();
        RunningCircuit circuit = runtime.Run(Timer("a"), "acme");
        RunningCircuit other = runtime.Open(Timer("b"), "acme");
        Pass(runtime, 40);
        Pass(runtime, 30);

        // The operations are two ticks written, two ticks read, and two results.
        Eventually.True(() => circuit.Usage.Operations == 2 + 2 + 2, "the ticks have flowed");

        // A circuit counts bytes a moment after the operations.
        Eventually.True(
            () => circuit.Usage is var counted && counted.IngressBytes >= 2 * TickMessage.Length
                && counted.EgressBytes >= BytesIn("ticks-a") + BytesIn("out-a"),
            "the bytes are counted");
        CircuitUsage usage = circuit.Usage;
        Assert.Equal((2 * TickMessage.Length, BytesIn("ticks-a") + BytesIn("out-a")), (usage.IngressBytes, usage.EgressBytes));
        Assert.Equal(2 * TickMessage.Length, BytesIn("ticks-a"));
        Assert.Equal((0, 6), (other.Usage.Operations, runtime.UsageOf("acme").Operations));
    }

    [Fact]
    public async Task A_timer_queue_has_one_writer()
    {
        await using CircuitRuntime runtime = Runtime();
        using (QueueAppender other = Resources.Queue("ticks-a").CreateAppender())
        {
            _ = Assert.Throws<EstreamLeaseException>(() => runtime.Run(Timer("a")));
        }

        // All resources were released.
        _ = runtime.Run(Timer("a"));
        _ = Assert.Throws<EstreamLeaseException>(() => Resources.Queue("ticks-a").CreateAppender());

        // Other circuits may read the queue of the timer.
        RunningCircuit reading = runtime.Run(Declare("""
            inputs: [{ name: ticks, type: estream.system.TimerTick, queue: ticks-a }]
            outputs: [{ name: out, type: Alarm, queue: out-r }]
            compute: [{ id: made, type: transform, schema: Alarm, set: { device: '"r"', level: at / 1000000000 } }]
            flows: [ticks -> made -> out]
            """, "acme.reading.v1"));
        Pass(runtime, 10);
        Eventually.True(() =>
            Texts("out-r", reading.Circuit.Outputs[0].Schema).SequenceEqual([$$"""{"device":"r","level":{{FirstDue}}}"""]),
            "the other circuit has the tick");
    }

    [Fact]
    public async Task Foreign_messages_in_a_timer_queue_are_not_ticks()
    {
        Circuit circuit = Timer("a");
        EsfSchema alarm = circuit.Outputs[0].Schema;
        Append("ticks-a", alarm, """{"device":"x","level":1}""");
        await using (CircuitRuntime runtime = Runtime())
        {
            _ = runtime.Run(circuit);
            Pass(runtime, 10);
        }

        Append("ticks-a", alarm, """{"device":"y","level":1}""");
        await using CircuitRuntime again = Runtime();
        _ = again.Run(circuit);
        Pass(again, 90);
        Assert.Equal([(FirstDue, 1, 0), (FirstDue + 90, 3, 2)], Ticks("ticks-a"));
    }

    [Fact]
    public async Task A_circuit_that_is_not_started_or_is_stopped_has_no_ticks()
    {
        await using CircuitRuntime runtime = Runtime();
        RunningCircuit circuit = runtime.Open(Timer("a"));
        Pass(runtime, 95);
        Assert.Empty(Ticks("ticks-a"));
        circuit.Start();
        Pass(runtime, 10);
        Assert.Equal([(FirstDue + 90, 0, 0)], Ticks("ticks-a"));
        await runtime.StopAsync();
        Pass(runtime, 300);
        Assert.Single(Ticks("ticks-a"));
    }

    [Fact]
    public async Task A_tenant_over_its_storage_limit_gets_no_ticks_until_it_is_below()
    {
        await using CircuitRuntime runtime = new(new CircuitRuntimeOptions
        {
            Resources = Resources,
            Clock = _clock,
            SampleEvery = TimeSpan.FromMinutes(1),
            Tenants = new Dictionary<string, TenantLimits> { ["acme"] = new() { StorageBytes = 1 } },
        });
        RunningCircuit circuit = runtime.Open(Timer("a"), "acme");
        runtime.Sample();
        circuit.Start();
        Pass(runtime, 130);
        Assert.Empty(Ticks("ticks-a"));
        circuit.Account.IsFull = false;
        runtime.RunTimers();
        Assert.Equal([(FirstDue + 120, 0, 4)], Ticks("ticks-a"));
        Assert.Contains(Resources.Queue("ticks-a").Directory, circuit.StorageAccount.Directories);
    }

    [Fact]
    public async Task With_the_system_clock_ticks_account_for_every_due_time()
    {
        await using CircuitRuntime runtime = new(new CircuitRuntimeOptions { Resources = Resources });
        _ = runtime.Run(Timer("a", "10ms"));
        Eventually.True(() => ReadTicks("ticks-a").Count > 5, "some ticks have come");
        await runtime.StopAsync();
        List<(long At, long Number, long Missed)> ticks = ReadTicks("ticks-a");
        const long Interval = 10_000_000;
        Assert.All(ticks, tick => Assert.Equal(0, tick.At % Interval));
        Assert.All(ticks.Zip(ticks.Skip(1)),
            two => Assert.Equal((two.First.At + ((two.Second.Missed + 1) * Interval), two.First.Number + 1),
                (two.Second.At, two.Second.Number)));
    }

    private static Circuit Timer(string name, string every = "30s") => Declare($$"""
        inputs: [{ name: half_minute, every: {{every}}, queue: ticks-{{name}} }]
        outputs: [{ name: out, type: Alarm, queue: out-{{name}} }]
        compute: [{ id: made, type: transform, schema: Alarm, set: { device: 'if(missed > 0, "late", "in time")', level: number } }]
        flows: [half_minute -> made -> out]
        """, $"acme.{name}.v1");

    private CircuitRuntime Runtime(IPipelineResources? places = null) => new(new CircuitRuntimeOptions
    {
        Resources = places ?? Resources,
        Clock = _clock,
        Failed = (circuit, place, reason) => _told.Enqueue($"{circuit.Circuit.Name} {place}: {reason}"),
    });

    private void Pass(CircuitRuntime runtime, int seconds)
    {
        _clock.Pass(TimeSpan.FromSeconds(seconds));
        runtime.RunTimers();
    }

    private long BytesIn(string queue)
    {
        using QueueTailer tailer = Resources.Queue(queue).CreateTailer();
        long bytes = 0;
        while (tailer.TryRead(out QueueMessage message))
        {
            bytes += message.Payload.Length;
        }

        return bytes;
    }

    /// <summary>Returns the ticks of a queue, with due times in seconds.</summary>
    private List<(long At, long Number, long Missed)> Ticks(string queue) =>
        [.. ReadTicks(queue).Select(tick => (tick.At / Second, tick.Number, tick.Missed))];

    private List<(long At, long Number, long Missed)> ReadTicks(string queue) => ReadTicks(Resources.Queue(queue));

    private static List<(long At, long Number, long Missed)> ReadTicks(EstreamQueue queue)
    {
        EsfField[] fields = [.. TickMessage.Schema.Fields];
        List<(long At, long Number, long Missed)> ticks = [];
        using QueueTailer tailer = queue.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            if (EsfValidator.Check(TickMessage.Schema, message.Payload).IsOk
                && fields[0].TryGetInt64(message.Payload, out long at) && fields[1].TryGetInt64(message.Payload, out long number)
                && fields[2].TryGetInt64(message.Payload, out long missed))
            {
                ticks.Add((at, number, missed));
            }
        }

        return ticks;
    }

    /// <summary>The resources of the tests, with the queue <c>ticks-full</c> on a separate storage.</summary>
    private sealed class FullQueueResources(IPipelineResources places, string directory, IStorage storage) : IPipelineResources, IDisposable
    {
        private readonly EstreamQueue _full = EstreamQueue.Open(directory, new QueueOptions { SegmentBytes = 1 << 16, Storage = storage });

        public EstreamQueue Queue(string name) => name == "ticks-full" ? _full : places.Queue(name);

        public StateMap<Utf8Key64, LatestEntry> Map(string name) => places.Map(name);

        public string StateDirectory(string pipeline) => places.StateDirectory(pipeline);

        public EsfSealer Sealer(EsfSchema schema) => places.Sealer(schema);

        public List<(long At, long Number, long Missed)> Ticks() =>
            [.. ReadTicks(_full).Select(tick => (tick.At / Second, tick.Number, tick.Missed))];

        public void Dispose() => _full.Dispose();
    }
}
