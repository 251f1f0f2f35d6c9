using Estream.Core;
using Estream.Queue.Internal;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>A queue that was opened read-only is never written.</summary>
public sealed class ReadOnlyTests : QueueCase
{
    private static readonly Guid s_earlierRun = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    // Several times the time in which a reader with write access reclaims the slot of a dead writer.
    private static readonly TimeSpan s_longEnough = TimeSpan.FromTicks(5 * QueueTailer.PatienceNanos / TimeSpan.NanosecondsPerTick);

    /// <summary>The state of the queue that is read.</summary>
    public enum Kind
    {
        Exclusive,

        /// <summary>A dead writer has left a claim: a reader with write access would reclaim it.</summary>
        DeadWriter,

        Encrypted,

        /// <summary>The machine was restarted, and a message is incomplete: a process with write access would truncate the log before
        /// it.</summary>
        Restarted,
    }

    /// <summary>How the queue is read.</summary>
    public enum Way
    {
        Poll,
        Wait,
        Await,
        Seek,
    }

    public static IEnumerable<object[]> Kinds => Enum.GetValues<Kind>().Select(kind => (object[])[kind]);

    public static IEnumerable<object[]> Uses =>
        from kind in Enum.GetValues<Kind>()
        from way in Enum.GetValues<Way>()
        select (object[])[kind, way];

    [Theory]
    [MemberData(nameof(Uses))]
    public async Task Reading_changes_no_byte_or_time_of_any_file(Kind kind, Way way)
    {
        long messages = Make(QueueDirectory, kind);
        Dictionary<string, (DateTime, string)> before = Snapshot();
        await Use(QueueDirectory, kind, way, messages);
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public void Writes_through_a_read_only_queue_throw()
    {
        MakeQueue(1);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        Assert.True(queue.IsReadOnly);
        Assert.Contains("read-only", Assert.Throws<InvalidOperationException>(() => queue.CreateAppender(AppenderMode.Exclusive)).Message,
            StringComparison.Ordinal);
        Assert.Contains("read-only", Assert.Throws<InvalidOperationException>(() => queue.CreateTailer("name")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void OpenReadOnly_does_not_create_a_missing_queue()
    {
        EstreamStorageException error = Assert.Throws<EstreamStorageException>(() => EstreamQueue.OpenReadOnly(QueueDirectory));
        Assert.Equal(StorageFailure.NotFound, error.Reason);
        Assert.Contains(QueueDirectory, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(QueueDirectory));
    }

    [Fact]
    public void A_read_only_queue_follows_a_writer_from_the_first_message()
    {
        using EstreamQueue writing = EstreamQueue.Open(QueueDirectory, Small);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.False(tailer.TryRead(out _));
        using QueueAppender appender = writing.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 3);
        Assert.Equal(appender.NextSequence, ReadToEnd(tailer, 0));
    }

    [MountTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_queue_opens_read_only_on_a_read_only_file_system(Kind kind)
    {
        using var disk = new TmpfsMount(4 << 20);
        string directory = disk.Combine("queue");
        long messages = Make(directory, kind);
        disk.MakeReadOnly();
        foreach (Way way in Enum.GetValues<Way>())
        {
            await Use(directory, kind, way, messages);
        }
    }

    [MountFact]
    public void Writing_on_a_read_only_file_system_is_refused()
    {
        using var disk = new TmpfsMount(4 << 20);
        string directory = disk.Combine("queue");
        Make(directory, Kind.Exclusive);
        disk.MakeReadOnly();
        EstreamStorageException error =
            Assert.Throws<EstreamStorageException>(() => EstreamQueue.Open(directory).CreateAppender(AppenderMode.Exclusive));
        Assert.Equal(StorageFailure.AccessDenied, error.Reason);
        Assert.Equal(StorageFailure.AccessDenied,
            Assert.Throws<EstreamStorageException>(() => EstreamQueue.Open(disk.Combine("new"))).Reason);
        using EstreamQueue writable = EstreamQueue.Open(directory);
        Assert.Equal(StorageFailure.AccessDenied, Assert.Throws<EstreamStorageException>(() => writable.CreateTailer("name")).Reason);
    }

    /// <returns>The number of readable messages. If a claim must be reclaimed, more messages follow it.</returns>
    private long Make(string directory, Kind kind)
    {
        long messages;
        long end;
        using (EstreamQueue queue = EstreamQueue.Open(directory, SmallWith(kind == Kind.Encrypted)))
        using (QueueAppender appender = queue.CreateAppender(kind == Kind.DeadWriter ? AppenderMode.Shared : AppenderMode.Exclusive))
        {
            AppendSegments(appender, 2);
            queue.CreateTailer("name").Dispose();
            (messages, end) = (appender.NextSequence, appender.NextPosition);
            if (kind == Kind.Restarted)
            {
                AppendUpTo(appender, messages + 20);
            }
        }

        if (kind == Kind.DeadWriter)
        {
            using ChildProcess writer = StartOther("hold-up", directory);
            writer.WaitForText("claimed");
            writer.Kill();
        }
        else if (kind == Kind.Restarted)
        {
            string segment = Path.Combine(directory, SegmentLayout.FileName(end / SegmentBytes));
            Overwrite(segment, (end % SegmentBytes) + FrameLayout.TimeOffset, 0xFF, 0xFF, 0xFF, 0xFF);
            Overwrite(Path.Combine(directory, MetadataLayout.QueueFile), DurabilityLayout.BootOffset, s_earlierRun.ToByteArray());
        }

        return messages;
    }

    private async Task Use(string directory, Kind kind, Way way, long messages)
    {
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(directory, SmallWith(kind == Kind.Encrypted));
        using QueueTailer tailer = queue.CreateTailer();
        switch (way)
        {
            case Way.Poll:
                PollAndLook(queue, tailer, messages, isWhole: kind != Kind.Restarted);
                break;
            case Way.Wait:
                Wait(tailer, messages);
                break;
            case Way.Await:
                await Await(tailer, messages);
                break;
            default:
                Seek(tailer, messages);
                break;
        }
    }

    private static void PollAndLook(EstreamQueue queue, QueueTailer tailer, long messages, bool isWhole)
    {
        Assert.Equal(messages, ReadToEnd(tailer, 0));
        long end = queue.Clock.MonotonicNanos + (s_longEnough.Ticks * TimeSpan.NanosecondsPerTick);
        Eventually.True(
            () =>
            {
                Assert.False(tailer.TryRead(out _) || tailer.TryPeek(out _));
                return queue.Clock.MonotonicNanos > end;
            },
            "time passes");
        tailer.Commit();
        Assert.Equal(messages, queue.GetInfo().NextSequence);
        Assert.Equal("name", Assert.Single(queue.GetInfo().Tailers).Name);
        Assert.Equal(isWhole, queue.Verify().IsWhole);
    }

    private static void Wait(QueueTailer tailer, long messages)
    {
        tailer.Idle = IdleStrategy.Sleep();
        for (long next = 0; next < messages; next++)
        {
            Assert.True(tailer.TryRead(out QueueMessage message, Eventually.DefaultLimit));
            Assert.Equal(next, message.Sequence);
        }

        Assert.False(tailer.WaitToRead(s_longEnough));
        Assert.False(tailer.TryRead(out _, s_longEnough));
    }

    private static async Task Await(QueueTailer tailer, long messages)
    {
        long next = 0;
        await foreach (QueueEntry entry in tailer.ReadAllAsync())
        {
            Assert.Equal(next, entry.Sequence);
            if (++next == messages)
            {
                break;
            }
        }

        Assert.False(await tailer.WaitToReadAsync(s_longEnough));
        using var ending = new CancellationTokenSource(s_longEnough);
        await using IAsyncEnumerator<QueueEntry> reading = tailer.ReadAllAsync(ending.Token).GetAsyncEnumerator();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading.MoveNextAsync());
    }

    private static void Seek(QueueTailer tailer, long messages)
    {
        for (long sequence = 0; sequence < messages; sequence += 20)
        {
            tailer.SeekToSequence(sequence);
            Assert.True(tailer.TryRead(out QueueMessage message));
            Assert.Equal(sequence, message.Sequence);
            (long position, long time) = (message.Position, message.Time);
            tailer.SeekToTime(time);
            Assert.True(tailer.TryRead(out message));
            Assert.InRange(message.Time, time, long.MaxValue);
            Assert.InRange(message.Sequence, 0, sequence);
            tailer.Seek(position);
            Assert.Equal(messages, ReadToEnd(tailer, sequence));
        }

        tailer.SeekToStart();
        Assert.Equal(messages, ReadToEnd(tailer, 0));
        tailer.SeekToTime(0);
        Assert.Equal(messages, ReadToEnd(tailer, 0));
        foreach (Action seek in (Action[])[tailer.SeekToEnd, () => tailer.SeekToTime(long.MaxValue), () => tailer.SeekToSequence(messages)])
        {
            seek();
            Assert.False(tailer.TryRead(out _));
        }
    }

    private Dictionary<string, (DateTime, string)> Snapshot() =>
        Directory.EnumerateFileSystemEntries(QueueDirectory, "*", SearchOption.AllDirectories).ToDictionary(
            entry => entry,
            entry => (File.GetLastWriteTimeUtc(entry), Directory.Exists(entry) ? "" : Convert.ToHexString(File.ReadAllBytes(entry))));
}
