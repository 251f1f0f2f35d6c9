using System.Runtime.CompilerServices;
using Estream.Circuits.Operations;
using Estream.Queue;
using Estream.Streams.Tests.Declared;
using Estream.Testing;

namespace Estream.Circuits.Tests.Operations;

/// <summary>Operations opened by a runtime: their usage is charged to tenants, whose limits apply.</summary>
public sealed class OperationRuntimeTests : OperationCase
{
    [Fact]
    public async Task Usage_of_an_operation_is_charged_to_its_tenant()
    {
        using Resources places = new(Directory.Combine("host"));
        EstreamQueue log = Queue("log");
        await using CircuitRuntime runtime = new(new CircuitRuntimeOptions
        {
            Resources = places,
            Clock = Clock,
            SampleEvery = TimeSpan.FromMinutes(1),
            AttestationsOf = queue => queue == "log" ? Clock.UtcNanos / 1_000_000_000 : 0,
        });
        OperationCircuit append = runtime.OpenOperation(Load("queue.append"), With(log), tenant: "acme");
        OperationCircuit gc = runtime.OpenOperation(Load("map.gc"), With(OperationMap.Of(Plain("state"))));
        Assert.Equal(("acme", "cpu", CircuitRuntime.DefaultTenant), (append.Tenant, append.Target, gc.Tenant));
        MessageBatch requests = new();
        MessageBatch results = new();
        requests.Append(Encode(append.Operation.Request, """{"payload":"010203"}"""));
        requests.Append([1, 2, 3]);
        append.Run(requests, results);
        CircuitUsage usage = append.Usage;
        Assert.Equal((4, requests.Length, results.Length, 0),
            (usage.Operations, usage.IngressBytes, usage.EgressBytes, usage.StorageBytes));
        Assert.True(usage.CpuNanos > 0 || !OperatingSystem.IsLinux());

        runtime.Sample();
        Clock.Pass(TimeSpan.FromSeconds(3));
        runtime.Sample();
        usage = append.Usage;
        Assert.True(usage.StorageBytes >= log.SegmentBytes, $"{usage.StorageBytes}");
        Assert.Equal((3, 3 * usage.StorageBytes), (usage.Proofs, usage.RetentionByteSeconds));
        Assert.Equal((usage, gc.Usage), (runtime.UsageOf("acme"), runtime.UsageOf(CircuitRuntime.DefaultTenant)));
        Assert.Empty(runtime.Circuits);
    }

    [Fact]
    public async Task Usage_of_an_operation_is_kept_across_a_restart()
    {
        using Resources places = new(Directory.Combine("host"));
        EstreamQueue log = Queue("log");
        CircuitRuntimeOptions options = new()
        {
            Resources = places,
            Clock = Clock,
            SampleEvery = TimeSpan.FromMinutes(1),
            UsageDirectory = Directory.Combine("usage"),
        };
        CircuitUsage used = default;
        for (int run = 0; run < 3; run++)
        {
            await using CircuitRuntime runtime = new(options);
            Assert.Equal(used, runtime.UsageOf("acme"));
            OperationCircuit append = runtime.OpenOperation(Load("queue.append"), With(log), tenant: "acme");
            _ = Do(append, """{"payload":"010203"}""");

            // The usage is kept even if the operation is disposed before the runtime.
            append.Dispose();
            Assert.Equal(2, append.Usage.Operations);
            used += append.Usage;
            Assert.Equal(used, runtime.UsageOf("acme"));
        }

        Assert.Equal(6, used.Operations);
    }

    [Fact]
    public async Task Attestations_are_charged_equally_to_the_current_writers()
    {
        using Resources places = new(Directory.Combine("host"));
        EstreamQueue log = Queue("log");
        long attested = 1_000;
        await using CircuitRuntime runtime = new(new CircuitRuntimeOptions
        {
            Resources = places,
            Clock = Clock,
            SampleEvery = TimeSpan.FromMinutes(1),
            AttestationsOf = _ => attested,
        });
        OperationCircuit first = runtime.OpenOperation(Load("queue.append"), With(log), tenant: "acme");
        attested += 10;
        OperationCircuit second = runtime.OpenOperation(Load("queue.append"), With(log), tenant: "globex");
        attested += 7;
        runtime.Sample();
        Assert.Equal((13, 3), (first.Usage.Proofs, second.Usage.Proofs));

        // The remainder is charged together with the next attestation.
        attested++;
        runtime.Sample();
        Assert.Equal((14, 4), (first.Usage.Proofs, second.Usage.Proofs));
        attested += 2;
        second.Dispose();
        attested += 5;
        runtime.Sample();
        Assert.Equal((20, 5), (first.Usage.Proofs, second.Usage.Proofs));

        // The count starts again, as for another attestation queue.
        attested = 2;
        runtime.Sample();
        attested = 3;
        first.Dispose();
        attested = 100;
        OperationCircuit third = runtime.OpenOperation(Load("queue.append"), With(log), tenant: "acme");
        runtime.Sample();
        Assert.Equal((21, 0, 21, 5),
            (first.Usage.Proofs, third.Usage.Proofs, runtime.UsageOf("acme").Proofs, runtime.UsageOf("globex").Proofs));
    }

    [Fact]
    public async Task A_disposed_operation_is_released_and_its_usage_is_kept()
    {
        using Resources places = new(Directory.Combine("host"));
        EstreamQueue log = Queue("log");
        await using CircuitRuntime runtime =
            new(new CircuitRuntimeOptions { Resources = places, Clock = Clock, SampleEvery = TimeSpan.FromMinutes(1) });
        OperationCircuit held = runtime.OpenOperation(Load("queue.append"), With(log), tenant: "globex");
        runtime.Sample();
        long bytes = held.Usage.StorageBytes;
        Clock.Pass(TimeSpan.FromSeconds(3));
        held.Dispose();
        Assert.Equal((0, 3 * bytes), (held.Usage.StorageBytes, held.Usage.RetentionByteSeconds));
        Assert.Equal(held.Usage, runtime.UsageOf("globex"));

        WeakReference[] jobs = [.. Enumerable.Range(0, 100).Select(_ => DoneAndDisposed(runtime, log))];
        Eventually.True(
            () =>
            {
                GC.Collect();
                return jobs.All(job => !job.IsAlive);
            },
            "nothing holds what has ended");
        Assert.Equal(200, runtime.UsageOf("acme").Operations);
    }

    [Fact]
    public async Task A_reader_is_charged_for_reads_and_not_for_storage()
    {
        using Resources places = new(Directory.Combine("host"));
        EstreamQueue log = Queue("log");
        using (QueueAppender appender = log.CreateAppender(AppenderMode.Exclusive))
        {
            appender.Append(new byte[1_000]);
        }

        await using CircuitRuntime runtime =
            new(new CircuitRuntimeOptions { Resources = places, Clock = Clock, SampleEvery = TimeSpan.FromMinutes(1) });
        OperationCircuit read = runtime.OpenOperation(Load("queue.read"), With(log), tenant: "reader");
        OperationCircuit compact = runtime.OpenOperation(Load("queue.compact"), With(log), tenant: "keeper");
        int bytes = read.Run(Encode(read.Operation.Request, """{"sequence":0}""")).Length;
        Assert.True(bytes > 1_000, $"{bytes}");
        runtime.Sample();
        Assert.Equal((2, bytes, 0), (read.Usage.Operations, read.Usage.EgressBytes, read.Usage.StorageBytes));
        Assert.True(compact.Usage.StorageBytes >= log.SegmentBytes, $"{compact.Usage.StorageBytes}");
    }

    [Fact]
    public async Task A_limit_delays_after_the_batch_and_the_wait_can_be_cancelled()
    {
        using Resources places = new(Directory.Combine("host"));
        EstreamQueue log = Queue("log");
        await using CircuitRuntime runtime = new(new CircuitRuntimeOptions
        {
            Resources = places,
            Tenants = new Dictionary<string, TenantLimits> { ["acme"] = new() { OperationsPerSecond = 1 } },
        });
        OperationCircuit append = runtime.OpenOperation(Load("queue.append"), With(log), tenant: "acme");
        MessageBatch requests = new();
        MessageBatch results = new();

        // The delay is long: it must not end by itself before a late thread cancels the wait.
        const int Requests = 300;
        for (int i = 0; i < Requests; i++)
        {
            requests.Append(Encode(append.Operation.Request, """{"payload":"010203"}"""));
        }

        using CancellationTokenSource stop = new();
        Task run = Task.Run(() => append.Run(requests, results, stop.Token));
        Eventually.True(() => Texts(log).Count == Requests, "the messages are there");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal((Requests, OperationStatus.Done), (results.Count, append.Operation.StatusOf(results[0])));
        Assert.True(runtime.ThrottledTimeOf("acme") > TimeSpan.Zero);
    }

    [Fact]
    public async Task The_wait_after_a_single_request_can_be_cancelled()
    {
        using Resources places = new(Directory.Combine("host"));
        EstreamQueue log = Queue("log");
        await using CircuitRuntime runtime = Limited(places, new TenantLimits { OperationsPerSecond = 1 });
        OperationCircuit append = runtime.OpenOperation(Load("queue.append"), With(log), tenant: "acme");
        byte[] request = Encode(append.Operation.Request, """{"payload":"010203"}""");
        using CancellationTokenSource stop = new();
        Task<int> run = Task.Run(() => append.Run(request, stop.Token).Length);
        Eventually.True(() => Texts(log).Count == 1, "the message is there");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task Reads_and_removals_do_not_wait_for_the_storage_limit()
    {
        using Resources places = new(Directory.Combine("host"));
        EstreamQueue log = Queue("log");
        OperationMap state = OperationMap.Of(Versioned("state"));
        OperationResources all = With(log) with { Maps = new Dictionary<string, OperationMap> { ["state"] = state } };
        (string Operation, string Request, OperationStatus Status)[] calls =
        [
            ("map.get", """{"key":"01"}""", OperationStatus.Absent),
            ("map.touch", """{"key":"01"}""", OperationStatus.Absent),
            ("map.remove", """{"key":"01"}""", OperationStatus.Absent),
            ("map.clear", "{}", OperationStatus.Done),
            ("map.gc", """{"shrink":true}""", OperationStatus.Done),
            ("queue.read", """{"sequence":0}""", OperationStatus.Absent),
            ("queue.compact", "{}", OperationStatus.Done),
        ];
        await using CircuitRuntime runtime = Limited(places, new TenantLimits { StorageBytes = 1 });
        OperationCircuit[] opened = [.. calls.Select(call => runtime.OpenOperation(Load(call.Operation), all, tenant: "acme"))];
        runtime.Sample();
        Task<OperationStatus[]> run = Task.Run(() =>
            calls.Zip(opened, (call, circuit) => circuit.Operation.StatusOf(circuit.Run(Encode(circuit.Operation.Request, call.Request))))
                .ToArray());
        Eventually.True(() => run.IsCompleted, "all is done");
        Assert.Equal(calls.Select(call => call.Status), await run);
    }

    [Fact]
    public async Task Disposing_the_operation_or_its_runtime_ends_the_wait()
    {
        using Resources places = new(Directory.Combine("host"));
        EstreamQueue log = Queue("log");
        Dictionary<string, TenantLimits> tenants = new()
        {
            ["slow"] = new TenantLimits { OperationsPerSecond = 1 },
            ["full"] = new TenantLimits { StorageBytes = 1 },
        };

        // The clock of the runtime does not advance, so no wait for a rate ends by itself.
        await using CircuitRuntime runtime =
            new(new CircuitRuntimeOptions { Resources = places, Clock = Clock, SampleEvery = TimeSpan.FromMinutes(1), Tenants = tenants });
        OperationCircuit slow = runtime.OpenOperation(Load("queue.append"), With(log), tenant: "slow");
        OperationCircuit full = runtime.OpenOperation(Load("queue.append"), With(log), tenant: "full");
        byte[] request = Encode(slow.Operation.Request, """{"payload":"010203"}""");
        runtime.Sample();
        Task<OperationStatus> bySlow = Task.Run(() => slow.Operation.StatusOf(slow.Run(request)));
        Task<OperationStatus> byFull = Task.Run(() => full.Operation.StatusOf(full.Run(request)));
        Eventually.True(() => Texts(log).Count == 2, "both messages are there");
        Assert.False(bySlow.IsCompleted || byFull.IsCompleted);

        // Disposal ends the wait, and the request that was already executed returns its result.
        slow.Dispose();
        Eventually.True(() => bySlow.IsCompleted, "the wait for the rate ends");
        Assert.False(byFull.IsCompleted);
        await runtime.DisposeAsync();
        Eventually.True(() => byFull.IsCompleted, "the wait for room ends");
        Assert.Equal((OperationStatus.Done, OperationStatus.Done), (await bySlow, await byFull));
    }

    [Fact]
    public async Task Disposal_of_the_runtime_ends_its_operations()
    {
        using Resources places = new(Directory.Combine("host"));
        CircuitRuntime runtime = new(new CircuitRuntimeOptions { Resources = places });
        Circuit operation = Load("queue.append");
        Assert.True(operation.IsCallable);
        Assert.Throws<InvalidOperationException>(() => new Testing.CircuitTrial(operation));
        OperationCircuit opened = runtime.OpenOperation(operation, With(Queue("log")));
        await runtime.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => opened.Run([]));
        Assert.Throws<ObjectDisposedException>(() => runtime.OpenOperation(operation, With(Queue("other"))));
    }

    // A separate method, so that no reference to the operation stays on the stack of the test.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference DoneAndDisposed(CircuitRuntime runtime, EstreamQueue log)
    {
        using OperationCircuit append = runtime.OpenOperation(Load("queue.append"), With(log), tenant: "acme");
        _ = Do(append, """{"payload":"010203"}""");
        return new WeakReference(append);
    }

    private CircuitRuntime Limited(Resources places, TenantLimits acme) => new(new CircuitRuntimeOptions
    {
        Resources = places,
        Clock = Clock,
        SampleEvery = TimeSpan.FromMinutes(1),
        Tenants = new Dictionary<string, TenantLimits> { ["acme"] = acme },
    });
}
