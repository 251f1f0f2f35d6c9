using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Queue;
using Estream.Streams.Tests.Declared;
using Estream.Testing;

namespace Estream.Circuits.Tests.Operations;

/// <summary>Replicas that a runtime keeps up to date.</summary>
public sealed class RunningReplicaTests : OperationCase
{
    private readonly Resources _places;

    public RunningReplicaTests() => _places = Own(new Resources(Directory.Combine("host")));

    [Fact]
    public async Task A_replica_follows_its_source_and_survives_restarts()
    {
        EstreamQueue log = Queue("log");
        for (int run = 0; run < 3; run++)
        {
            await using CircuitRuntime runtime = Runtime();
            RunningReplica replica = runtime.RunReplica("copy", "log", log, Engine(), tenant: "acme");
            Append(log, $"first of {run}");
            Eventually.True(() => replica.State is { Messages: 1, LagMessages: 0 }, "the first message is copied");
            Append(log, $"second of {run}");
            Eventually.True(() => replica.State is { Messages: 2, LagMessages: 0 }, "the second message is copied");
            Assert.True(runtime.UsageOf("acme").Operations > 0);
            Assert.Null(replica.State.Failure);
        }

        Assert.Equal(Texts(log), Texts(Queue("../copies/queues/copy")));
    }

    [Fact]
    public async Task A_replica_of_an_encrypted_queue_is_encrypted()
    {
        using QueueKeyRing keys = new("k1", new byte[QueueKeyRing.KeyBytes]);
        QueueOptions options = new() { SegmentBytes = 64 << 10, Keys = keys };
        EstreamQueue log = Queue("log", options);
        for (int run = 0; run < 2; run++)
        {
            await using CircuitRuntime runtime = Runtime();
            RunningReplica replica = runtime.RunReplica("copy", "log", log,
                new LocalReplicationEngine(Directory.Combine("copies"), Clock, keys));
            for (int i = 0; i < 500; i++)
            {
                Append(log, $"card number {run} {i}");
            }

            Eventually.True(() => replica.State is { Messages: 500, LagMessages: 0 }, $"all messages are copied: {replica.State}");
        }

        string directory = Directory.Combine("copies", "queues", "copy");
        Assert.All(System.IO.Directory.GetFiles(directory, "*", SearchOption.AllDirectories),
            file => Assert.False(File.ReadAllBytes(file).AsSpan().IndexOf("card number"u8) >= 0, file));
        Assert.Equal(Texts(log), Texts(Queue("../copies/queues/copy", options)));
        End();
    }

    [Fact]
    public async Task A_replica_that_cannot_be_opened_is_retried_until_it_can()
    {
        EstreamQueue log = Queue("log");
        Append(log, "a");
        string target = Directory.Combine("copies", "queues", "copy");
        using (EstreamQueue foreign = EstreamQueue.Open(target, new QueueOptions { SegmentBytes = 64 << 10 }))
        {
            Append(foreign, "not from the source");
        }

        List<string> told = [];
        await using CircuitRuntime runtime = Runtime();
        RunningReplica replica = runtime.RunReplica("copy", "log", log, Engine(), (_, reason) => { lock (told) { told.Add(reason); } });
        Eventually.True(() => replica.State.Failures > 1, "the replica fails and is retried");
        Assert.Contains("copy", replica.State.Failure, StringComparison.Ordinal);

        // Checked before the move: an attempt during the move may fail for another reason, which is reported as well.
        lock (told)
        {
            Assert.Single(told);
        }

        System.IO.Directory.Move(target, target + ".other");
        Eventually.True(() => replica.State is { Failure: null, Messages: 1 }, "the replica is complete");
    }

    [Fact]
    public async Task Names_are_checked()
    {
        await using CircuitRuntime runtime = Runtime();
        EstreamQueue log = Queue("log");
        Assert.Throws<ArgumentException>(() => runtime.RunReplica("no name", "log", log, Engine()));
    }

    private CircuitRuntime Runtime() => new(new CircuitRuntimeOptions { Resources = _places, SampleEvery = TimeSpan.FromMinutes(1) });

    private LocalReplicationEngine Engine() => new(Directory.Combine("copies"), Clock);

    private static void Append(EstreamQueue queue, string text)
    {
        using QueueAppender appender = queue.CreateAppender();
        appender.Append(Utf8(text));
    }
}
