using System.Text.Json;
using Estream.Circuits.Operations;
using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Map.Tests;
using Estream.Queue;

namespace Estream.Circuits.Tests.Operations;

/// <summary>Replicas of queues in local directories: each message once, in order, with its time. A directory that is not a replica is left
/// unchanged.</summary>
public sealed class QueueReplicaTests : OperationCase
{
    private const long TimeUnit = 100_000;

    private string Copy => Directory.Combine("copies", "queues", "copy");

    [Fact]
    public void A_queue_replica_has_the_messages_in_order_with_their_times()
    {
        EstreamQueue log = ClockedLog();
        Fill(log, 2_000, passes: true);
        OperationCircuit replicate = Replicate(log);
        string first = Do(replicate, """{"most":700}""");
        Assert.StartsWith("""{"status":"Done","messages":700,""", first, StringComparison.Ordinal);
        Assert.Contains("\"lag_messages\":1300,", first, StringComparison.Ordinal);
        Assert.EndsWith("\"lag_messages\":0,\"lag_bytes\":0}", Do(replicate, """{"most":100000}"""), StringComparison.Ordinal);
        Fill(log, 3, passes: true);
        Assert.Contains("\"messages\":0,", Do(replicate, """{"most":0}"""), StringComparison.Ordinal);
        Assert.Contains("\"messages\":3,", Do(replicate, """{"most":10}"""), StringComparison.Ordinal);
        replicate.Dispose();
        AssertSame(log);
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void A_resumed_queue_replica_loses_and_repeats_nothing(AppenderMode mode)
    {
        EstreamQueue log = ClockedLog();
        for (int round = 0; round < 5; round++)
        {
            Fill(log, 500, passes: round % 2 == 0, mode);
            using OperationCircuit replicate = OperationCircuit.Open(Load("queue.replicate"), Resources(log));
            Do(replicate, """{"most":333}""");
        }

        using (OperationCircuit last = OperationCircuit.Open(Load("queue.replicate"), Resources(log)))
        {
            Do(last, """{"most":100000}""");
        }

        AssertSame(log);
    }

    [Fact]
    public void A_batch_committed_before_a_crash_is_not_replicated_again()
    {
        // Simulates the state after a crash between the batch and the cursor.
        EstreamQueue log = ClockedLog();
        Fill(log, 100, passes: false);
        string cursor = Path.Combine(log.Directory, "tailers", "replica-copy.cursor");
        OperationCircuit replicate = Replicate(log);
        Do(replicate, """{"most":50}""");
        byte[] before = Bytes(cursor);
        Do(replicate, """{"most":10}""");
        replicate.Dispose();
        File.WriteAllBytes(cursor, before);
        Do(Replicate(log), """{"most":1000}""");
        End();
        AssertSame(ClockedLog());
    }

    [Fact]
    public void A_replica_that_ends_at_a_segment_boundary_of_the_source_continues()
    {
        EstreamQueue log = ClockedLog();
        Fill(log, 3_000, passes: false);
        int first = 0;
        using (QueueTailer tailer = log.CreateTailer())
        {
            while (tailer.TryRead(out QueueMessage message) && message.Position < log.SegmentBytes)
            {
                first++;
            }
        }

        foreach (int most in new[] { first, 100_000 })
        {
            using OperationCircuit replicate = OperationCircuit.Open(Load("queue.replicate"), Resources(log));
            Do(replicate, $$"""{"most":{{most}}}""");
        }

        AssertSame(log);
    }

    [Fact]
    public void A_replication_step_that_fails_within_a_batch_loses_nothing()
    {
        EstreamQueue log = ClockedLog();
        Fill(log, 100, passes: false);
        long middle;
        using (QueueTailer tailer = log.CreateTailer())
        {
            tailer.SeekToSequence(50);
            middle = tailer.Position;
        }

        using MemoryRegion segment =
            FileStorage.Instance.OpenRegion(Assert.Single(System.IO.Directory.GetFiles(log.Directory, "*.seg")), RegionAccess.ReadWrite);
        int length = segment.All.ReadInt32(middle);
        OperationCircuit replicate = Replicate(log);
        Do(replicate, """{"most":1}""");
        segment.All.WriteInt32(middle, 3);
        MessageBatch requests = new();
        MessageBatch results = new();
        requests.Append(Encode(replicate.Operation.Request, """{"most":100}"""));
        Assert.Throws<EstreamCorruptionException>(() => replicate.Run(requests, results));
        Assert.Equal(0, results.Count);
        segment.All.WriteInt32(middle, length);
        Assert.Contains("\"messages\":99,", Do(replicate, """{"most":100}"""), StringComparison.Ordinal);
        replicate.Dispose();
        AssertSame(log);
    }

    [Fact]
    public void A_full_disk_loses_no_message_of_a_queue_replica_and_reports_progress()
    {
        const int Messages = 20_000;
        FullStorage storage = new();
        EstreamQueue log = ClockedLog();
        Fill(log, Messages, passes: false);
        OperationResources places = With(log) with
        {
            Replication = new LocalReplicationEngine(Directory.Combine("copies")) { Storage = storage },
        };
        OperationCircuit replicate = Own(OperationCircuit.Open(Load("queue.replicate"), places));
        long told = MessagesOf(Do(replicate, """{"most":1}"""));
        storage.IsFull = true;
        string result = "";
        for (int step = 0; step < 10 && result != """{"status":"Full"}"""; step++)
        {
            result = Do(replicate, """{"most":100000}""");
            told += MessagesOf(result);
        }

        Assert.Equal("""{"status":"Full"}""", result);
        storage.IsFull = false;
        told += MessagesOf(Do(replicate, """{"most":100000}"""));
        Assert.Equal(Messages, told);
        replicate.Dispose();
        AssertSame(log);
    }

    [Fact]
    public void A_queue_that_is_not_a_replica_is_refused_and_left_unchanged()
    {
        EstreamQueue log = ClockedLog();
        Fill(log, 10, passes: false);
        using (EstreamQueue strange = EstreamQueue.Open(Copy))
        {
            Fill(strange, 3, passes: false);
        }

        AssertRefused(log, ReplicationFault.NotAReplica, "has messages, but the source has no reader for it", 3);
        Assert.Empty(log.GetInfo().Tailers);
    }

    [Fact]
    public void A_queue_replica_of_another_source_is_refused()
    {
        EstreamQueue log = ClockedLog();
        EstreamQueue other = Queue("other");
        Fill(log, 10, passes: false);
        Fill(other, 10, passes: false);
        DoAll(log);
        using (other.CreateTailer("replica-copy"))
        {
        }

        AssertRefused(other, ReplicationFault.NotAReplica, "has messages that are not from this source", 10);
    }

    [Fact]
    public void A_queue_replica_with_foreign_messages_has_diverged()
    {
        EstreamQueue log = ClockedLog();
        Fill(log, 10, passes: false);
        DoAll(log);
        using (EstreamQueue replica = EstreamQueue.Open(Copy))
        {
            Fill(replica, 2, passes: false);
        }

        Fill(log, 10, passes: false);
        AssertRefused(log, ReplicationFault.Diverged, "ends with 2 messages that are not from the source", 12);
    }

    [Fact]
    public void A_truncated_or_emptied_queue_replica_is_refused()
    {
        EstreamQueue log = ClockedLog();
        Fill(log, 10, passes: false);
        DoAll(log);
        string older = Directory.Combine("older");
        CopyAll(Copy, older);
        Fill(log, 10, passes: false);
        DoAll(log);
        System.IO.Directory.Delete(Copy, recursive: true);
        CopyAll(older, Copy);
        AssertRefused(log, ReplicationFault.Truncated, "ends at position", 10);
        System.IO.Directory.Delete(Copy, recursive: true);
        AssertRefused(log, ReplicationFault.Truncated, "is empty, but the source was replicated up to position", 0);
    }

    [Fact]
    public void A_source_restored_from_an_older_copy_has_diverged()
    {
        EstreamQueue log = ClockedLog();
        Fill(log, 10, passes: false);
        DoAll(log);
        End();
        string source = Directory.Combine("queues", "log");
        string older = Directory.Combine("older");
        CopyAll(source, older);
        log = ClockedLog();
        Fill(log, 10, passes: false);
        DoAll(log);
        End();
        System.IO.Directory.Delete(source, recursive: true);
        CopyAll(older, source);
        AssertRefused(ClockedLog(), ReplicationFault.Diverged, "the source may be an older copy", 20);
    }

    [Fact]
    public void Replication_of_an_unsupported_source_is_refused()
    {
        EstreamQueue log = ClockedLog();
        LocalReplicationEngine here = new(Directory.Path);
        Assert.Contains("is the source itself", Assert.Throws<ArgumentException>(() => here.OpenQueue("log", log)).Message,
            StringComparison.Ordinal);
        foreach (string name in new[] { "", "../x", "1", "a/b", new string('a', 65) })
        {
            Assert.Contains("is not a valid replica name", Assert.Throws<ArgumentException>(() => here.OpenQueue(name, log)).Message,
                StringComparison.Ordinal);
        }

        using QueueKeyRing keys = new("first", new byte[QueueKeyRing.KeyBytes]);
        EstreamQueue secret = Queue("secret", new QueueOptions { SegmentBytes = 64 << 10, Keys = keys });
        Assert.Contains("is encrypted, but its replica would be plaintext",
            Assert.Throws<ArgumentException>(() => here.OpenQueue("copy", secret)).Message, StringComparison.Ordinal);
        using IReplica replica = here.OpenQueue("copy", log);
        Assert.Throws<EstreamLeaseException>(() => here.OpenQueue("copy", log));
        Assert.Throws<ArgumentOutOfRangeException>(() => replica.Advance(-1));
    }

    [Fact]
    public void A_source_retains_messages_that_its_replica_does_not_have()
    {
        EstreamQueue log = ClockedLog();
        Fill(log, 10_000, passes: false);
        OperationCircuit replicate = Replicate(log);
        Do(replicate, """{"most":1}""");
        Assert.Equal(0, log.ApplyRetention(1, TimeSpan.Zero).Segments);
        Do(replicate, """{"most":100000}""");
        Assert.True(log.ApplyRetention(1, TimeSpan.Zero).Segments > 0);
        Fill(log, 5, passes: false);
        Assert.Contains("\"messages\":5,", Do(replicate, """{"most":100}"""), StringComparison.Ordinal);
    }

    private static long MessagesOf(string result)
    {
        using JsonDocument document = JsonDocument.Parse(result);
        return document.RootElement.TryGetProperty("messages", out JsonElement messages) ? messages.GetInt64() : 0;
    }

    private EstreamQueue ClockedLog() => Queue("log", new QueueOptions { SegmentBytes = 64 << 10, Clock = Clock });

    private OperationResources Resources(EstreamQueue log) =>
        With(log) with { Replication = new LocalReplicationEngine(Directory.Combine("copies")) };

    private OperationCircuit Replicate(EstreamQueue log) => Own(OperationCircuit.Open(Load("queue.replicate"), Resources(log)));

    private void DoAll(EstreamQueue log)
    {
        using OperationCircuit replicate = OperationCircuit.Open(Load("queue.replicate"), Resources(log));
        Do(replicate, """{"most":100000}""");
    }

    private int _next;

    private void Fill(EstreamQueue queue, int count, bool passes, AppenderMode mode = AppenderMode.Exclusive)
    {
        using QueueAppender appender = queue.CreateAppender(mode);
        for (int i = 0; i < count; i++)
        {
            appender.Append(Utf8($"{_next++}".PadLeft(1 + (_next % 40), '.')));
            if (passes && i % 3 == 0)
            {
                Clock.Pass(TimeSpan.FromMilliseconds(i));
            }
        }
    }

    private void AssertSame(EstreamQueue log)
    {
        using EstreamQueue replica = EstreamQueue.OpenReadOnly(Copy);
        Assert.True(replica.Verify().IsWhole);
        using QueueTailer expected = log.CreateTailer();
        using QueueTailer there = replica.CreateTailer();
        while (expected.TryRead(out QueueMessage message))
        {
            Assert.True(there.TryRead(out QueueMessage copy));
            Assert.Equal(message.Payload, copy.Payload);
            Assert.InRange(message.Time - copy.Time, 0, TimeUnit - 1);
        }

        Assert.False(there.TryRead(out _));
    }

    private void AssertRefused(EstreamQueue log, ReplicationFault fault, string says, int kept)
    {
        EstreamReplicationException refused =
            Assert.Throws<EstreamReplicationException>(() => OperationCircuit.Open(Load("queue.replicate"), Resources(log)));
        Assert.Equal((fault, Copy, false), (refused.Fault, refused.Path, refused.IsTransient));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        using EstreamQueue replica = EstreamQueue.OpenReadOnly(Copy);
        Assert.Equal(kept, Texts(replica).Count);
    }

    // Reads through a mapping, because the queue locks the file.
    private static byte[] Bytes(string path)
    {
        using MemoryRegion file = FileStorage.Instance.OpenRegion(path, RegionAccess.ReadOnly);
        return file.All.ReadOnlySpan(0, (int)file.Length).ToArray();
    }

    private static void CopyAll(string from, string to)
    {
        foreach (string file in System.IO.Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
