using Estream.Core;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Fuzz.Queue;

/// <summary>
/// Damages the files of a small queue at random positions, and opens it for reading and for writing by every operation. Each call returns
/// data or an end, or throws one of Estream's own errors; never another exception, a memory fault, or an endless read. A failure names its
/// seed.
/// </summary>
public sealed class QueueFuzzTests : IDisposable
{
    private static readonly int s_rounds = LongRun.Count(4_000, 300_000);

    private readonly TempDirectory _directory = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(AppenderMode.Exclusive, FrameChecksum.Crc32C, false)]
    [InlineData(AppenderMode.Exclusive, FrameChecksum.None, false)]
    [InlineData(AppenderMode.Exclusive, FrameChecksum.None, true)]
    [InlineData(AppenderMode.Shared, FrameChecksum.Crc32C, false)]
    [InlineData(AppenderMode.Shared, FrameChecksum.None, false)]
    [InlineData(AppenderMode.Shared, FrameChecksum.Crc32C, true)]
    public void Damaged_queue_files_give_data_or_a_typed_error(AppenderMode mode, FrameChecksum checksum, bool encrypted)
    {
        using QueueKeyRing? keys = encrypted ? new QueueKeyRing("first", new byte[QueueKeyRing.KeyBytes]) : null;
        var image = new QueueImage(_directory.Combine("queue"), mode, checksum, keys);
        for (int seed = 0; seed < s_rounds / 6; seed++)
        {
            try
            {
                Round(image, new Random(seed));
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}, {mode}, {checksum}: {error.Message}", error);
            }
        }
    }

    private static void Round(QueueImage image, Random random)
    {
        image.Damage(random);
        using (EstreamQueue? reading = Try(() => EstreamQueue.OpenReadOnly(image.Directory, new QueueOptions { Keys = image.Keys })))
        {
            if (reading is not null)
            {
                Read(image, reading, random);
            }
        }

        using (EstreamQueue? writing = Try(() => EstreamQueue.Open(image.Directory, new QueueOptions { Keys = image.Keys })))
        {
            if (writing is not null)
            {
                Write(image, writing, random.Next(2) == 0 ? AppenderMode.Exclusive : AppenderMode.Shared);
            }
        }

        image.Restore();
    }

    private static void Read(QueueImage image, EstreamQueue queue, Random random)
    {
        QueueVerification? verification = Try(queue.Verify);
        Assert.True(verification is not null, "Verify threw where it should report");
        _ = Try(queue.GetInfo);
        using QueueTailer tailer = queue.CreateTailer();
        (int matching, bool complete) = image.CountMatching(tailer);
        if (verification.IsWhole && image.HasChecksums)
        {
            Assert.True(complete, "the queue passed verification but could not be read");
            Assert.Equal(verification.MessageCount, matching);
        }

        for (int i = 0; i < 4; i++)
        {
            long position = i < 2
                ? random.NextInt64(-1, 3 * QueueImage.SegmentBytes) & ~7L
                : image.Positions[random.Next(image.Positions.Count)];
            if (Try(() => Seek(tailer, position)))
            {
                _ = Try(() => tailer.TryRead(out _));
            }
        }

        _ = Try(() => Run(() => tailer.SeekToTime(random.NextInt64())));
        _ = Try(() => SeekToSequence(tailer, random.Next(2 * image.Positions.Count)));
        _ = Try(() => Run(tailer.SeekToEnd));
        _ = Try(() => Run(tailer.SeekToStart));
    }

    private static void Write(QueueImage image, EstreamQueue queue, AppenderMode mode)
    {
        using QueueTailer? named = Try(() => queue.CreateTailer("reader"));
        if (named is not null)
        {
            image.CountMatching(named);
        }

        using QueueAppender? appender = Try(() => queue.CreateAppender(mode));
        if (appender is not null)
        {
            long position = Try(() => appender.Append("after the damage"u8));
            using QueueTailer tailer = queue.CreateTailer();
            if (position == 0 || !Try(() => Seek(tailer, position)))
            {
                Assert.Equal(AppenderMode.Shared, mode);
                return;
            }

            Assert.True(tailer.TryRead(out QueueMessage message));
            Assert.True(message.Payload.SequenceEqual("after the damage"u8));
        }
    }

    private static bool Run(Action action)
    {
        action();
        return true;
    }

    private static bool Seek(QueueTailer tailer, long position)
    {
        try
        {
            tailer.Seek(position);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool SeekToSequence(QueueTailer tailer, long sequence)
    {
        try
        {
            tailer.SeekToSequence(sequence);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static T? Try<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (EstreamException error)
        {
            Assert.NotNull(error.Path);
            Assert.Contains(error.Path, error.Message, StringComparison.Ordinal);
            return default;
        }
    }
}
