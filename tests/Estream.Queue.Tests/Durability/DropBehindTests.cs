using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>A queue with a memory limit for its log: older pages are written back and then released, and no data is lost.</summary>
public sealed class DropBehindTests : QueueCase
{
    private const long Memory = 6 * SegmentBytes;
    private const long Piece = SegmentBytes / 4;
    private const int HeaderPage = 4096;

    private readonly FlushStorage _storage = new();
    private readonly List<(long Position, long Length)> _dropped = [];

    public DropBehindTests()
    {
        _storage.OnDrop = (segment, offset, length) => _dropped.Add(((segment * SegmentBytes) + offset, length));
    }

    // Background work runs on the appending thread, so that the released pages depend on nothing else.
    private QueueOptions Options => Small with { Storage = _storage, MemoryBytes = Memory, Background = InlineScheduler.Instance };

    public static TheoryData<AppenderMode, bool> Kinds => new()
    {
        { AppenderMode.Exclusive, false },
        { AppenderMode.Exclusive, true },
        { AppenderMode.Shared, false },
        { AppenderMode.Shared, true },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void All_but_the_newest_pages_are_released_in_order(AppenderMode mode, bool encrypted)
    {
        QueueOptions options = Options with { Keys = SmallWith(encrypted).Keys };
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options);
        using QueueAppender appender = queue.CreateAppender(mode);
        AppendSegments(appender, 20);
        long end = appender.NextPosition;
        Assert.Equal(Pieces(_dropped.Count), _dropped);

        // Half of the part of the limit above two segments stays in memory. The positions of the appenders are checked once per segment.
        long reached = _dropped[^1].Position + _dropped[^1].Length;
        Assert.InRange(end - reached, 2 * SegmentBytes, 4 * SegmentBytes);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.Equal(appender.NextSequence, ReadToEnd(tailer, 0));
    }

    [Fact]
    public void No_pages_are_released_without_MemoryBytes()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options with { MemoryBytes = 0 });
        using QueueAppender appender = queue.CreateAppender();
        AppendSegments(appender, 20);
        Assert.Empty(_dropped);
    }

    [Fact]
    public void A_new_appender_releases_only_pages_it_wrote()
    {
        MakeQueue(10);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 10);
        Assert.NotEmpty(_dropped);
        Assert.InRange(_dropped[0].Position, 9 * SegmentBytes, 10 * SegmentBytes);
    }

    [Fact]
    public void Segments_that_retention_deletes_are_removed()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options with { RetainedBytes = 4 * SegmentBytes });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 30);
        Assert.InRange(SegmentFiles().Length, 4, 7);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.Equal(appender.NextSequence, ReadToEnd(tailer));
    }

    // Pages are released by a separate thread. If that thread is late, the appender waits for it.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_appender_stays_within_a_limit_ahead_of_released_pages(AppenderMode mode, bool encrypted)
    {
        long appended = 0;
        long farthest = 0;
        _storage.OnDrop = (segment, offset, _) =>
            farthest = Math.Max(farthest, Volatile.Read(ref appended) - (segment * SegmentBytes) - offset);
        using (EstreamQueue queue =
            EstreamQueue.Open(QueueDirectory, Small with { Storage = _storage, MemoryBytes = Memory, Keys = SmallWith(encrypted).Keys }))
        {
            using QueueAppender appender = queue.CreateAppender(mode);
            for (int i = 0; i < 20_000; i++)
            {
                Volatile.Write(ref appended, appender.Append(new byte[200]));
            }
        }

        // Several writers create a segment themselves if the preallocator is late.
        Assert.True(farthest <= (mode == AppenderMode.Exclusive ? Memory + Piece : long.MaxValue), $"{farthest} bytes ahead");
        Assert.True(farthest > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_failed_write_back_counts_as_a_failed_flush(bool asksBefore)
    {
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options))
        {
            using QueueAppender appender = queue.CreateAppender();
            if (asksBefore)
            {
                appender.Append("durable"u8, Durability.Every);
            }

            _storage.FailsWrites = true;
            byte[] message = new byte[100];
            for (int i = 0; i < 10_000; i++)
            {
                appender.Append(message);
            }

            // Pages that are only in memory are not released.
            Assert.Empty(_dropped);
            _storage.FailsWrites = false;
            Assert.Throws<Core.EstreamStorageException>(() => appender.Append("refused"u8, Durability.Every));
            appender.Append("goes on"u8);
            Assert.Equal("goes on", Texts(queue)[^1]);
        }

        using EstreamQueue again = EstreamQueue.Open(QueueDirectory, Options);
        Assert.Equal(QueueRecoveryCause.FailedFlush, again.Recovery?.Cause);
        using QueueAppender next = again.CreateAppender();
        next.Append("durable again"u8, Durability.Every);
    }

    [Fact]
    public void A_negative_MemoryBytes_is_refused() =>
        Assert.Throws<ArgumentException>(() => EstreamQueue.Open(QueueDirectory, Small with { MemoryBytes = -1 }));

    private static IEnumerable<(long Position, long Length)> Pieces(int count)
    {
        for (long position = 0; count-- > 0; position += Piece)
        {
            yield return position % SegmentBytes == 0 ? (position + HeaderPage, Piece - HeaderPage) : (position, Piece);
        }
    }
}
