using System.Collections.Concurrent;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Circuits.Tests;

/// <summary>Circuits on their threads: usage, tenants, and isolation of failures.</summary>
public sealed class CircuitRuntimeTests : CircuitCase
{
    private const string Copies = """
        inputs: [{ name: readings, type: Reading, queue: IN }]
        outputs: [{ name: out, type: Alarm, queue: OUT }]
        compute: [{ id: made, type: transform, schema: Alarm, set: { device: device, level: steps } }]
        flows: [readings -> made -> out]
        rejected: REJECTED
        """;

    private static readonly string[] s_three =
        ["""{"device":"a","at":"1","steps":"1"}""", """{"device":"bb","at":"2"}""", """{"device":"ccc","at":"3","steps":"3"}"""];

    [Theory]
    [InlineData(0L, null, null, null, null,
        "OperationsPerSecond of the tenant 'acme' is 0; it must be from 1 to 1125899906842624, or null for no limit.")]
    [InlineData(null, 1_000_001L, null, null, null, "CpuMillis of the tenant 'acme' is 1000001; it must be from 1 to 1000000")]
    [InlineData(null, null, -1L, null, null, "IngressBytesPerSecond of")]
    [InlineData(null, null, null, long.MaxValue, null, "EgressBytesPerSecond of")]
    [InlineData(null, null, null, null, 0L, "StorageBytes of")]
    public void An_invalid_tenant_limit_is_refused(long? operations, long? cpu, long? ingress, long? egress, long? storage, string expected)
    {
        TenantLimits limits = new()
        {
            OperationsPerSecond = operations,
            CpuMillis = cpu,
            IngressBytesPerSecond = ingress,
            EgressBytesPerSecond = egress,
            StorageBytes = storage,
        };
        ArgumentException refused = Assert.Throws<ArgumentException>(() => Runtime(limits));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_circuit_that_cannot_run_is_refused_and_leaks_nothing()
    {
        await using CircuitRuntime runtime = Runtime();
        Circuit bound = Declare("""
            inputs: [{ name: readings, type: Reading }]
            outputs: [{ name: out, type: Alarm }]
            compute: [{ id: made, type: stateful, schema: Alarm }]
            flows: [readings -> made -> out]
            """);
        Assert.Contains("has nodes without code: made. Bind them to code first.",
            Assert.Throws<ArgumentException>(() => runtime.Run(bound)).Message, StringComparison.Ordinal);
        Circuit circuit = Copy("a");
        RunningCircuit first = runtime.Run(circuit);
        _ = Assert.Throws<EstreamLeaseException>(() => runtime.Run(circuit));
        Assert.Same(first, Assert.Single(runtime.Circuits));
        Assert.Throws<InvalidOperationException>(first.Start);
        await runtime.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => runtime.Run(circuit));

        // All resources were released.
        await using CircuitRuntime again = Runtime();
        _ = again.Run(circuit);
    }

    [Fact]
    public async Task Input_and_output_are_charged_to_the_tenant()
    {
        await using CircuitRuntime runtime = Runtime();
        RunningCircuit a = runtime.Run(Copy("a"), "acme");
        RunningCircuit b = runtime.Run(Copy("b"), "acme");
        RunningCircuit other = runtime.Run(Copy("c"));
        Assert.Equal(("acme", CircuitRuntime.DefaultTenant), (b.Tenant, other.Tenant));
        Append("in-a", a.Circuit.Inputs[0].Schema, s_three);
        Append("in-b", b.Circuit.Inputs[0].Schema, s_three[..1]);

        // Each message read counts twice, for results and for rejections. Each message written counts once.
        Eventually.True(() => a.Usage.Operations == 3 + 3 + 2 + 1 && b.Usage.Operations == 1 + 1 + 1, "the circuits have arrived");
        (long taken, long made) = (BytesIn("in-a"), BytesIn("out-a") + BytesIn("rejected-a"));

        // A circuit counts bytes and CPU time a moment after the operations.
        Eventually.True(
            () => a.Usage is var counted && counted.IngressBytes >= 2 * taken && counted.EgressBytes >= made
                && (counted.CpuNanos > 0 || !OperatingSystem.IsLinux()),
            "the rest is counted");
        CircuitUsage usage = a.Usage;
        Assert.Equal((2 * taken, made), (usage.IngressBytes, usage.EgressBytes));
        Assert.True(usage.CpuNanos > 0 || !OperatingSystem.IsLinux());
        Assert.True(usage.MemoryBytes >= 2 * 16 * 1024, $"{usage.MemoryBytes}");
        Assert.Equal((0, default(CircuitUsage) with { MemoryBytes = other.Usage.MemoryBytes }),
            (usage.Proofs, other.Usage with { StorageBytes = 0, CpuNanos = 0, RetentionByteSeconds = 0 }));
        Assert.Equal(usage.Operations + b.Usage.Operations, runtime.UsageOf("acme").Operations);
        Assert.Equal(default, runtime.UsageOf("nobody"));
        Assert.Equal(TimeSpan.Zero, runtime.ThrottledTimeOf("acme"));
    }

    [Fact]
    public async Task Storage_is_charged_while_a_circuit_holds_it()
    {
        ManualClock clock = new();
        long begin = clock.MonotonicNanos;
        await using CircuitRuntime runtime = new(new CircuitRuntimeOptions
        {
            Resources = Resources,
            Clock = clock,
            SampleEvery = TimeSpan.FromMinutes(1),
            AttestationsOf = queue => queue == "out" ? (clock.MonotonicNanos - begin) / 1_000_000_000 : 0,
        });
        RunningCircuit alone = runtime.Open(Copy("a"));
        RunningCircuit[] together = [runtime.Open(Copy("b", "out")), runtime.Open(Copy("c", "out"))];
        runtime.Sample();
        long own = SizeOf("out-a") + SizeOf("rejected-a");
        Assert.Equal(own, alone.Usage.StorageBytes);
        Assert.Equal((SizeOf("out") / 2) + SizeOf("rejected-b"), together[0].Usage.StorageBytes);

        clock.Pass(TimeSpan.FromSeconds(10));
        runtime.Sample();
        Assert.Equal((own * 10, 0), (alone.Usage.RetentionByteSeconds, alone.Usage.Proofs));
        Assert.Equal(together[1].Usage.StorageBytes * 10, together[1].Usage.RetentionByteSeconds);
        Assert.Equal(10 / 2, together[1].Usage.Proofs);
    }

    [Fact]
    public async Task A_tenant_over_its_rate_is_throttled_without_loss()
    {
        const int Messages = 3_000;
        await using CircuitRuntime runtime = Runtime(new TenantLimits
        {
            OperationsPerSecond = 10_000,
            CpuMillis = 900,
            IngressBytesPerSecond = 1 << 30,
            EgressBytesPerSecond = 1 << 30,
        });
        RunningCircuit limited = runtime.Open(Copy("a"), "acme");
        RunningCircuit free = runtime.Open(Copy("b"));
        string[] messages = [.. Enumerable.Range(0, Messages).Select(i => $$"""{"device":"d","at":"{{i}}","steps":"{{i}}"}""")];
        Append("in-a", limited.Circuit.Inputs[0].Schema, messages);
        Append("in-b", free.Circuit.Inputs[0].Schema, messages);
        limited.Start();
        free.Start();
        Eventually.True(() => limited.Usage.Operations == 3 * Messages && free.Usage.Operations == 3 * Messages, "all is taken");
        Assert.Equal((Messages, Messages),
            (Texts("out-a", limited.Circuit.Outputs[0].Schema).Count, Texts("out-b", free.Circuit.Outputs[0].Schema).Count));
        Eventually.True(() => runtime.ThrottledTimeOf("acme") > TimeSpan.Zero, "it was held back");
        Assert.Equal(TimeSpan.Zero, runtime.ThrottledTimeOf(CircuitRuntime.DefaultTenant));
        Assert.Equal((0, null), (limited.Failures, limited.Failure));
    }

    [Theory]
    [InlineData("cpu", 0)]
    [InlineData("ingress", 500)]
    [InlineData("egress", 500)]
    public async Task Each_rate_limit_throttles_independently(string limit, int leastMs)
    {
        const int Messages = 10_000;
        if (limit == "cpu" && !OperatingSystem.IsLinux())
        {
            return;
        }

        Circuit circuit = Copy("a");
        Append("in-a", circuit.Inputs[0].Schema, LongMessages(Messages));

        // Each message is read twice, so reading takes two seconds, and writing takes as long.
        long bytes = BytesIn("in-a");
        await using CircuitRuntime runtime = Runtime(limit switch
        {
            "cpu" => new TenantLimits { CpuMillis = 50 },
            "ingress" => new TenantLimits { IngressBytesPerSecond = bytes },
            _ => new TenantLimits { EgressBytesPerSecond = bytes / 2 },
        });
        RunningCircuit limited = runtime.Run(circuit, "acme");
        Eventually.True(() => limited.Usage.Operations == 3 * Messages
            && runtime.ThrottledTimeOf("acme") > TimeSpan.FromMilliseconds(leastMs),
            "all is taken, and it was held back",
            TimeSpan.FromMinutes(5));
        Assert.Equal((Messages, 0, null), (Resources.Queue("out-a").GetInfo().NextSequence, limited.Failures, limited.Failure));
    }

    [Fact]
    public async Task A_tenant_over_its_storage_limit_waits_for_retention()
    {
        const int Messages = 40_000;
        await using (CircuitRuntime filling = Runtime())
        {
            RunningCircuit full = filling.Run(Copy("a"));
            Append("in-a", full.Circuit.Inputs[0].Schema, LongMessages(Messages));
            Eventually.True(() => full.Usage.Operations == 3 * Messages, "it has filled its output");
        }

        // The limit is half the size, because the number of preallocated segments varies.
        EstreamQueue output = Resources.Queue("out-a");
        await using CircuitRuntime runtime = Runtime(new TenantLimits { StorageBytes = (SizeOf("out-a") + SizeOf("rejected-a")) / 2 },
            sampleEvery: TimeSpan.FromMinutes(1));
        RunningCircuit limited = runtime.Open(Copy("a"), "acme");
        RunningCircuit free = runtime.Run(
            Declare(Copies.Replace("IN", "in-a", StringComparison.Ordinal).Replace("OUT", "out-b", StringComparison.Ordinal)
                .Replace("REJECTED", "rejected-b", StringComparison.Ordinal), "acme.b.v1"));
        runtime.Sample();
        Assert.Equal((true, false), (limited.IsThrottled, free.IsThrottled));

        // The limited circuit ends the batch it has begun and then waits, while another circuit processes message after message.
        const int More = 10;
        for (int i = 0; i <= More; i++)
        {
            Append("in-a", limited.Circuit.Inputs[0].Schema, s_three[0]);
            if (i == 0)
            {
                limited.Start();
                Eventually.True(() => output.GetInfo().NextSequence == Messages + 1, "the first is there");
            }

            // The other circuit skips messages of the other type, in both of its pipelines.
            Eventually.True(() => free.Usage.Operations == 2 * (Messages + i + 1), "the other one has taken it");
        }

        Assert.Equal(Messages + 1, output.GetInfo().NextSequence);
        Assert.True(output.ApplyRetention(1, TimeSpan.Zero).Segments > 0);
        Assert.Equal(Messages + 1, output.GetInfo().NextSequence);
        Eventually.True(
            () =>
            {
                runtime.Sample();
                return !limited.IsThrottled;
            },
            "a look finds that there is room");
        Eventually.True(() => output.GetInfo().NextSequence == Messages + More + 1, "it goes on");
        Assert.True(runtime.ThrottledTimeOf("acme") > TimeSpan.Zero);

        // A waiting circuit can be stopped.
        limited.Account.IsFull = true;
        await runtime.StopAsync();
    }

    [Fact]
    public async Task A_failing_circuit_is_reported_retried_and_isolated()
    {
        List<string> told = [];
        await using CircuitRuntime runtime = new(new CircuitRuntimeOptions
        {
            Resources = Resources,
            Failed = (circuit, output, reason) => told.Add($"{circuit.Circuit.Name} {output}: {reason}"),
        });
        bool isBroken = true;
        Circuit calling = Declare("""
            inputs: [{ name: readings, type: Reading, queue: in-c }]
            outputs: [{ name: out, type: Reading, queue: out-c }]
            compute: [{ id: made, type: stateful }]
            flows: [readings -> made -> out]
            """, "acme.calling.v1").Bind(new Dictionary<string, CircuitFunction>
        {
            ["made"] = (ref NodeCall call) =>
            {
                if (Volatile.Read(ref isBroken))
                {
                    throw new EstreamStorageException("the service is away", null, StorageFailure.Other);
                }

                call.Pass();
            },
        });
        RunningCircuit failing = runtime.Run(calling);
        RunningCircuit other = runtime.Run(Copy("a"));
        Append("in-c", failing.Circuit.Inputs[0].Schema, s_three);
        Append("in-a", other.Circuit.Inputs[0].Schema, s_three);
        Eventually.True(() => failing.Failures > 2 && other.Usage.Operations == 9, "one fails and the other goes on");
        Assert.Equal(("the service is away", null), (failing.Failure, other.Failure));
        Assert.Equal(["acme.calling.v1 out: the service is away"], told);
        Volatile.Write(ref isBroken, false);
        Eventually.True(() => Texts("out-c", failing.Circuit.Outputs[0].Schema).Count == 3 && failing.Failure is null,
            "nothing was left out");
    }

    [Fact]
    public async Task A_result_that_cannot_be_built_is_reported_and_the_circuit_continues()
    {
        Circuit circuit = Declare("""
            inputs: [{ name: readings, type: Reading }]
            outputs: [{ name: sums, type: Alarm }]
            compute: [{ id: sum, type: aggregate, tumbling: 1s, time: at, key: device, schema: Alarm, set: { device: key, level: { sum: steps } } }]
            flows: [readings -> sum -> sums]
            rejected: dead
            """);
        EsfSchema reading = circuit.Inputs[0].Schema;
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("estream.system.DeadLetter", out EsfSchema? letter));
        for (int round = 0; round < 2; round++)
        {
            await using CircuitRuntime runtime = Runtime();
            RunningCircuit running = runtime.Run(circuit);

            // Only one of the two devices gets a bad message; the next round closes both windows.
            string At(string device, string steps) =>
                $$"""{"device":"{{device}}","at":"{{(round * 5_000_000_000L) + 1}}","steps":"{{steps}}"}""";
            Append("readings", reading, At("a", "9223372036854775807"), At("a", "1"), At("b", "2"),
                $$"""{"device":"c","at":"{{((round + 1) * 5_000_000_000L) - 1}}","steps":"3"}""");
            int told = round + 1;
            int sums = (2 * told) - 1;
            Eventually.True(() => Texts("dead", letter).Count == told && Texts("sums", circuit.Outputs[0].Schema).Count == sums,
                "what can be made is made, and what cannot is told");
            Eventually.True(() => running.Outputs[0].Running.Rejected == 1, "it is counted");
            Assert.Equal((0, null), (running.Failures, running.Failure));
            await runtime.StopAsync();
        }

        Assert.Equal(["b", "c", "b"], Texts("sums", circuit.Outputs[0].Schema).Select(text => text.Split('"')[3]));
    }

    [Fact]
    public async Task Exceptions_of_owner_callbacks_do_not_stop_the_runtime()
    {
        ManualClock clock = new();
        ConcurrentQueue<string> told = new();
        bool isAway = false;
        CircuitRuntimeOptions options = new()
        {
            Resources = Resources,
            Clock = clock,
            SampleEvery = TimeSpan.FromMilliseconds(10),
            UsageDirectory = Directory.Combine("usage"),
            Tenants = new Dictionary<string, TenantLimits> { ["acme"] = new() { StorageBytes = 1 } },
            AttestationsOf = _ => Volatile.Read(ref isAway) ? throw new InvalidOperationException("the witness is away") : 0,
            Alerted = (_, state) => throw new InvalidOperationException($"nobody listens to {state.Name}"),
            Failed = (_, place, reason) =>
            {
                told.Enqueue($"{place}: {reason}");
                throw new InvalidOperationException("nor here");
            },
            UsageFailed = reason =>
            {
                told.Enqueue(reason);
                throw new InvalidOperationException("nor here");
            },
        };
        Circuit promising = Declare("""
            annotations: { sla: { latency: { p999: 1h } } }
            inputs: [{ name: in, type: Reading }]
            outputs: [{ name: out, type: Reading }]
            compute: [{ id: all, type: filter, when: "true" }]
            flows: [in -> all -> out]
            """);
        Append("in", promising.Inputs[0].Schema, s_three);
        await using CircuitRuntime runtime = new(options);
        RunningCircuit circuit = runtime.Open(promising, "acme");
        runtime.Sample();

        // The circuit reads nothing for more than a window, which breaks its service level.
        clock.Pass(TimeSpan.FromSeconds(11));
        Eventually.True(() =>
            told.Any(text =>
                text.StartsWith("latency: ", StringComparison.Ordinal)
                    && text.EndsWith("nobody listens to latency", StringComparison.Ordinal)), "what the alert has thrown is told");
        circuit.Account.IsFull = false;
        Eventually.True(() => circuit.IsThrottled, "it is still looked how much is held");
        Volatile.Write(ref isAway, true);
        Eventually.True(() => told.Any(text => text.EndsWith("the witness is away", StringComparison.Ordinal)),
            "who counts attestations has thrown, and it is told");
        circuit.Account.IsFull = false;
        Eventually.True(() => circuit.IsThrottled, "it is looked all the same");
        Assert.Equal(2, told.Count);

        await runtime.DisposeAsync();
        await using CircuitRuntime again = new(options with { AttestationsOf = null });
        _ = again.Open(promising, "acme");
    }

    [Fact]
    public async Task Metered_cpu_time_equals_that_of_the_operating_system()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        await using CircuitRuntime runtime = Runtime();
        RunningCircuit circuit = runtime.Open(Copy("a"));
        string[] messages = [.. Enumerable.Range(0, 20_000).Select(i => $$"""{"device":"d","at":"{{i}}","steps":"{{i}}"}""")];
        for (int i = 0; i < 40; i++)
        {
            Append("in-a", circuit.Circuit.Inputs[0].Schema, messages);
        }

        string[] before = ThreadsOfPipelines();
        circuit.Start();
        Eventually.True(() => circuit.Usage.Operations == 800_000 * 3, "all is taken", TimeSpan.FromMinutes(5));

        // Both threads soon wait, and their usage is counted before they do.
        Eventually.True(
            () =>
            {
                long metered = circuit.Usage.CpuNanos;
                long counted = ThreadsOfPipelines().Except(before).Sum(CpuOf);
                return metered >= counted * 0.95 && metered <= counted * 1.05;
            },
            "what is metered is what the operating system has counted",
            TimeSpan.FromMinutes(5));
    }

    private static string[] LongMessages(int count) =>
        [.. Enumerable.Range(0, count).Select(i => $$"""{"device":"{{new string('d', 200)}}","at":"{{i}}","steps":"{{i}}"}""")];

    private static string[] ThreadsOfPipelines() =>
        [.. System.IO.Directory.GetDirectories("/proc/self/task").Where(thread => Told(thread, "comm").Trim() == "estream-pipelin")];

    // The first number of schedstat: nanoseconds on a CPU.
    private static long CpuOf(string thread) => Told(thread, "schedstat").Split(' ')[0] is { Length: > 0 } nanos
        ? long.Parse(nanos, System.Globalization.CultureInfo.InvariantCulture)
        : 0;

    // Threads of the runtime may end while they are inspected.
    private static string Told(string thread, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, file));
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static Circuit Copy(string name, string? output = null) => Declare(
        Copies.Replace("IN", $"in-{name}", StringComparison.Ordinal).Replace("OUT", output ?? $"out-{name}", StringComparison.Ordinal)
            .Replace("REJECTED", $"rejected-{name}", StringComparison.Ordinal),
        $"acme.{name}.v1");

    private CircuitRuntime Runtime(TenantLimits? acme = null, TimeSpan? sampleEvery = null) => new(new CircuitRuntimeOptions
    {
        Resources = Resources,
        Tenants = acme is null ? new Dictionary<string, TenantLimits>() : new Dictionary<string, TenantLimits> { ["acme"] = acme },
        SampleEvery = sampleEvery ?? TimeSpan.FromSeconds(1),
    });

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

    private long SizeOf(string queue) => new DirectoryInfo(Resources.Queue(queue).Directory)
        .EnumerateFiles("*", SearchOption.AllDirectories)
        .Sum(file => file.Length);
}
