using System.Collections.Concurrent;
using Estream.Circuits.Metering;
using Estream.Core;
using Estream.Testing;

namespace Estream.Circuits.Tests.Metering;

/// <summary>The usage of circuits and tenants survives restarts, crashes and changes of the running circuits.</summary>
public sealed class DurableUsageTests : CircuitCase
{
    private const string Acme = "acme";
    private const string Globex = "globex";

    private readonly ConcurrentQueue<string> _told = new();

    private string Kept => Directory.Combine("usage");

    [Fact]
    public async Task Usage_continues_after_a_restart_by_circuit_and_tenant()
    {
        CircuitUsage a, b;
        await using (CircuitRuntime runtime = new(Options()))
        {
            RunningCircuit one = runtime.Run(Copy("a"), Acme);
            RunningCircuit other = runtime.Run(Copy("b"), Globex);
            Feed(one, 3);
            Feed(other, 5);
            await runtime.DisposeAsync();
            (a, b) = (one.Usage, other.Usage);
        }

        Assert.Equal((6, 10), (a.Operations, b.Operations));
        Reopen();
        await using CircuitRuntime again = new(Options());
        RunningCircuit same = again.Open(Copy("a"), Acme);
        Assert.Equal(Past(a), Past(same.Usage));
        Assert.True(same.Usage.MemoryBytes > 0);
        Assert.Equal(Past(a), Past(again.UsageOf(Acme)));

        // A tenant whose circuit is not open keeps its usage.
        Assert.Equal(Past(b), again.UsageOf(Globex));
        Assert.Equal(default, again.UsageOf(CircuitRuntime.DefaultTenant));
        same.Start();
        Feed(same, 2);
        Assert.Equal((10, 10, 10), (same.Usage.Operations, again.UsageOf(Acme).Operations, again.UsageOf(Globex).Operations));

        // A circuit counts bytes a moment after the operations.
        Eventually.True(
            () => same.Usage is var counted && counted.IngressBytes > a.IngressBytes && counted.EgressBytes > a.EgressBytes,
            "the bytes are counted");
        Assert.True(same.Usage.CpuNanos >= a.CpuNanos);
    }

    [Fact]
    public async Task Usage_of_a_removed_or_reassigned_circuit_stays_with_its_tenant()
    {
        await RunAsync("a", Acme, 3);
        await RunAsync("renamed", Acme, 2);
        await using CircuitRuntime runtime = new(Options());
        RunningCircuit moved = runtime.Open(Copy("a"), Globex);
        Assert.Equal((0, 0, 10), (moved.Usage.Operations, runtime.UsageOf(Globex).Operations, runtime.UsageOf(Acme).Operations));

        // The usage is restored when the circuit is opened again.
        await runtime.DisposeAsync();
        Reopen();
        await using CircuitRuntime back = new(Options());
        Assert.Equal((6, 10), (back.Open(Copy("a"), Acme).Usage.Operations, back.UsageOf(Acme).Operations));
    }

    [Fact]
    public async Task Usage_of_two_circuits_with_the_same_name_counts_once_after_a_restart()
    {
        await using (CircuitRuntime runtime = new(Options()))
        {
            Feed(runtime.Run(Copy("x", "acme.same.v1"), Acme), 3);
            Feed(runtime.Run(Copy("y", "acme.same.v1"), Acme), 2);
        }

        Reopen();
        await using CircuitRuntime again = new(Options());
        RunningCircuit[] both = [again.Open(Copy("x", "acme.same.v1"), Acme), again.Open(Copy("y", "acme.same.v1"), Acme)];
        Assert.Equal((10, 0, 10), (both[0].Usage.Operations, both[1].Usage.Operations, again.UsageOf(Acme).Operations));
    }

    [Fact]
    public async Task A_crash_loses_only_usage_since_the_last_save()
    {
        await using CircuitRuntime runtime = new(Options());
        RunningCircuit circuit = runtime.Run(Copy("a"), Acme);
        Feed(circuit, 3);
        runtime.Sample();
        Feed(circuit, 2);
        Assert.Equal(6, (await LeftByKillAsync("first")).Operations);
        runtime.Sample();
        Assert.Equal(10, (await LeftByKillAsync("second")).Operations);
        Assert.Equal(10, circuit.Usage.Operations);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_does_not_reduce_usage()
    {
        ManualClock clock = new();
        long expected = 0;
        await using (CircuitRuntime runtime = new(Options(clock: clock)))
        {
            RunningCircuit circuit = runtime.Open(Copy("a"), Acme);
            PassAndLook(runtime, circuit, 0);
            PassAndLook(runtime, circuit, 10);
            Assert.True(expected > 0);
            PassAndLook(runtime, circuit, -3_600);
            PassAndLook(runtime, circuit, 5);

            // Storage is counted until the runtime is disposed, also after the last sample.
            expected += 2 * circuit.Usage.StorageBytes;
            clock.Pass(TimeSpan.FromSeconds(2));
        }

        Reopen();
        clock.Pass(TimeSpan.FromDays(-1));
        await using CircuitRuntime again = new(Options(clock: clock));
        RunningCircuit same = again.Open(Copy("a"), Acme);
        PassAndLook(again, same, 0);
        PassAndLook(again, same, 3);
        Assert.Equal(expected, again.UsageOf(Acme).RetentionByteSeconds);

        void PassAndLook(CircuitRuntime runtime, RunningCircuit circuit, int seconds)
        {
            expected += Math.Max(0, seconds) * circuit.Usage.StorageBytes;
            clock.Pass(TimeSpan.FromSeconds(seconds));
            runtime.Sample();
            Assert.Equal(expected, circuit.Usage.RetentionByteSeconds);
        }
    }

    [Fact]
    public async Task A_failing_flush_is_reported_once_and_a_crash_still_loses_no_usage()
    {
        DeviceStorage storage = new();
        await using CircuitRuntime runtime = new(Options(storage));
        RunningCircuit circuit = runtime.Run(Copy("a"), Acme);
        storage.Refuses = true;
        Look(runtime, 30);
        Assert.StartsWith("The device failed: ", Assert.Single(_told), StringComparison.Ordinal);
        Feed(circuit, 3);
        runtime.Sample();
        Assert.Equal(6, (await LeftByKillAsync("left")).Operations);

        storage.Refuses = false;
        Look(runtime, 30);
        storage.Refuses = true;
        Look(runtime, 30);
        Assert.Equal(2, _told.Count);
        storage.Refuses = false;
    }

    [Fact]
    public async Task Stopping_flushes_usage()
    {
        DeviceStorage storage = new();
        await using (CircuitRuntime runtime = new(Options(storage)))
        {
            Feed(runtime.Run(Copy("a"), Acme), 3);
        }

        File.WriteAllBytes(Path.Combine(Kept, UsageFile.FileName), storage.OnDevice(Path.Combine(Kept, UsageFile.FileName)));
        Assert.Equal(6, (await LeftByKillAsync("left")).Operations);
    }

    [Fact]
    public async Task A_second_runtime_cannot_keep_usage_in_the_same_directory()
    {
        await using (CircuitRuntime runtime = new(Options()))
        {
            _ = Assert.Throws<EstreamLeaseException>(() => new CircuitRuntime(Options()));
        }

        await using CircuitRuntime again = new(Options());
        _ = Assert.Throws<ArgumentException>(() => new CircuitRuntime(Options() with { UsageDirectory = "" }));
    }

    [Fact]
    public void Circuits_beyond_the_record_limit_are_merged_into_tenant_totals()
    {
        Write([.. Many(Acme, 700), .. Many(Globex, 300)]);
        long length = new FileInfo(Path.Combine(Kept, UsageFile.FileName)).Length;

        // There are more circuits than records, so the records of circuits that no longer run are merged for each tenant.
        Write(Many("initech", 100));
        using (UsageBook book = new(Options()))
        {
            Assert.Equal((4_900, 2_100, 700),
                (book.BeforeOf(Acme).Operations, book.BeforeOf(Globex).Operations, book.BeforeOf("initech").Operations));
            Assert.Equal((default, 7),
                (book.Before(new UsageKey(Acme, "acme.c5.v1")), book.Before(new UsageKey("initech", "acme.c5.v1")).Operations));
        }

        // With still more circuits, the records of all circuits are merged.
        Write(Many("hooli", UsageFile.MostRecords + 1));
        using UsageBook last = new(Options());
        Assert.Equal((4_900, 700, 7 * (UsageFile.MostRecords + 1)),
            (last.BeforeOf(Acme).Operations, last.BeforeOf("initech").Operations, last.BeforeOf("hooli").Operations));
        Assert.Equal(default, last.Before(new UsageKey("hooli", "acme.c5.v1")));
        Assert.Equal(length, new FileInfo(Path.Combine(Kept, UsageFile.FileName)).Length);
    }

    [Fact]
    public async Task A_tenant_beyond_the_limit_or_with_a_too_long_name_is_refused()
    {
        await using (CircuitRuntime runtime = new(Options()))
        {
            ArgumentException refused = Assert.Throws<ArgumentException>(() => runtime.Open(Copy("a"), new string('ä', 33)));
            Assert.Contains("longer than 64 bytes", refused.Message, StringComparison.Ordinal);
            Assert.Empty(runtime.Circuits);
        }

        using UsageBook book = new(Options());
        for (int tenant = 0; tenant < UsageFile.MostRecords; tenant++)
        {
            book.Admit($"t{tenant}");
        }

        book.Admit("t0");
        Assert.Contains("tenant 'other' cannot be kept",
            Assert.Throws<ArgumentException>(() => book.Admit("other")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenant_whose_circuit_failed_to_open_does_not_use_a_record()
    {
        Write([.. Enumerable.Range(0, UsageFile.MostRecords - 2)
            .Select(tenant => KeyValuePair.Create(new UsageKey($"t{tenant}", "acme.gone.v1"), new CircuitUsage(7, 0, 0, 0, 0, 0, 0, 0)))]);
        await using CircuitRuntime runtime = new(Options());
        _ = runtime.Open(Copy("a"), Acme);
        _ = Assert.Throws<EstreamLeaseException>(() => runtime.Open(Copy("a"), "initech"));
        _ = runtime.Open(Copy("b"), Globex);
    }

    private CircuitRuntimeOptions Options(IStorage? storage = null, IClock? clock = null) => new()
    {
        Resources = Resources,
        SampleEvery = TimeSpan.FromMinutes(1),
        Clock = clock ?? SystemClock.Instance,
        Storage = storage ?? FileStorage.Instance,
        UsageDirectory = Kept,
        UsageFailed = _told.Enqueue,
    };

    private async Task RunAsync(string name, string tenant, int messages)
    {
        await using (CircuitRuntime runtime = new(Options()))
        {
            Feed(runtime.Run(Copy(name), tenant), messages);
        }

        Reopen();
    }

    private static void Look(CircuitRuntime runtime, int times)
    {
        for (int i = 0; i < times; i++)
        {
            runtime.Sample();
        }
    }

    private void Write(KeyValuePair<UsageKey, CircuitUsage>[] used)
    {
        using UsageBook book = new(Options());
        book.Write(used);
    }

    private static KeyValuePair<UsageKey, CircuitUsage>[] Many(string tenant, int circuits) =>
        [.. Enumerable.Range(0, circuits)
            .Select(circuit => KeyValuePair.Create(new UsageKey(tenant, $"acme.c{circuit}.v1"), new CircuitUsage(7, 0, 0, 0, 0, 0, 0, 0)))];

    /// <summary>Returns the usage that a runtime reads from the current content of the file.</summary>
    private async Task<CircuitUsage> LeftByKillAsync(string directory)
    {
        string left = Directory.Combine(directory);
        System.IO.Directory.CreateDirectory(left);
        File.Copy(Path.Combine(Kept, UsageFile.FileName), Path.Combine(left, UsageFile.FileName));
        await using CircuitRuntime after = new(Options() with { UsageDirectory = left });
        return after.UsageOf(Acme);
    }

    /// <summary>Processes messages, each of which gives a result.</summary>
    private void Feed(RunningCircuit circuit, int messages)
    {
        long expected = circuit.Usage.Operations + (2 * messages);
        Append(circuit.Circuit.Inputs[0].Queue!, circuit.Circuit.Inputs[0].Schema,
            [.. Enumerable.Range(0, messages).Select(i => $$"""{"device":"d","at":"{{i}}"}""")]);
        Eventually.True(() => circuit.Usage.Operations == expected, "the circuit has arrived");
    }

    private static Circuit Copy(string queues, string? name = null) => Declare(
        $$"""
        inputs: [{ name: readings, type: Reading, queue: in-{{queues}} }]
        outputs: [{ name: out, type: Alarm, queue: out-{{queues}} }]
        compute: [{ id: made, type: transform, schema: Alarm, set: { device: device, level: at / 1000000000 } }]
        flows: [readings -> made -> out]
        """,
        name ?? $"acme.{queues}.v1");

    // Current values are not part of the kept usage.
    private static CircuitUsage Past(CircuitUsage usage) => usage with { MemoryBytes = 0, StorageBytes = 0 };
}
