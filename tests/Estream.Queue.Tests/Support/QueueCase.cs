using Estream.Core;
using Estream.Queue.TestProcess;
using Estream.Testing;

namespace Estream.Queue.Tests.Support;

/// <summary>A queue with the smallest segments in its own folder, and the usual operations on it.</summary>
public abstract class QueueCase : IDisposable
{
    /// <summary>The size of a segment in bytes: the minimum.</summary>
    protected const int SegmentBytes = 64 << 10;

    private readonly TempDirectory _directory = new();

    /// <summary>The directory of the queue; it does not exist at first.</summary>
    protected string QueueDirectory => _directory.Combine("queue");

    /// <summary>Options with small segments.</summary>
    protected static QueueOptions Small => new() { SegmentBytes = SegmentBytes };

    /// <summary>Options with small segments, encrypted or not. The master key is also in a file next to the queue, where other processes
    /// find it.</summary>
    protected QueueOptions SmallWith(bool encrypted) => encrypted ? Encrypted : Small;

    /// <summary>Options with small encrypted segments. Other processes find the master key next to the queue.</summary>
    protected QueueOptions Encrypted =>
        Small with { Keys = QueueKeyRing.FromFile(TestKeys.Write(QueueAccess.KeyFile(QueueDirectory), "first")) };

    /// <summary>Returns the path of a folder next to the queue.</summary>
    protected string Beside(string name) => _directory.Combine(name);

    /// <summary>Returns the path of a file of the queue.</summary>
    protected string InQueue(params string[] parts) => Path.Combine([QueueDirectory, .. parts]);

    /// <summary>Returns the path of the file of a segment.</summary>
    protected string SegmentFile(long index) => InQueue($"{index:D12}.seg");

    /// <summary>Returns the indexes of the segments whose files exist.</summary>
    protected long[] SegmentFiles() =>
        [.. Directory.GetFiles(QueueDirectory, "*.seg").Select(f => long.Parse(Path.GetFileNameWithoutExtension(f))).Order()];

    /// <summary>Appends seeded messages (<see cref="SeededMessage"/>) up to a sequence number.</summary>
    protected static void AppendUpTo(QueueAppender appender, long sequence)
    {
        byte[] buffer = new byte[SeededMessage.MaxBytes];
        while (appender.NextSequence < sequence)
        {
            appender.Append(buffer.AsSpan(0, SeededMessage.Write(appender.NextSequence, buffer)));
        }
    }

    /// <summary>Appends seeded messages until the given number of new segments has begun.</summary>
    protected static void AppendSegments(QueueAppender appender, int count)
    {
        byte[] buffer = new byte[SeededMessage.MaxBytes];
        long start = appender.NextPosition / SegmentBytes;
        while (appender.NextPosition / SegmentBytes < start + count)
        {
            appender.Append(buffer.AsSpan(0, SeededMessage.Write(appender.NextSequence, buffer)));
        }
    }

    /// <summary>Reads to the end and checks that the messages are seeded ones with consecutive numbers.</summary>
    /// <param name="tailer">The reader.</param>
    /// <param name="firstSequence">The number of the first message; any number if not given.</param>
    /// <returns>The sequence number after the last message.</returns>
    protected static long ReadToEnd(QueueTailer tailer, long? firstSequence = null)
    {
        long? next = firstSequence;
        while (tailer.TryRead(out QueueMessage message))
        {
            next ??= message.Sequence;
            Assert.Equal(next, message.Sequence);
            Assert.True(SeededMessage.Is(message.Payload, message.Sequence), $"message {message.Sequence} at {message.Position} differs");
            next++;
        }

        return next ?? -1;
    }

    /// <summary>Reads a queue of seeded messages that has a writer with retention. The helper thread of the writer may still be deleting
    /// segments. A reader pins the segments from its first message on, so the messages are counted after that message.</summary>
    /// <returns>The position of the first message.</returns>
    protected static long AssertReadsFromItsOldest(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out QueueMessage first));
        (long position, long sequence) = (first.Position, first.Sequence);
        QueueInfo info = queue.GetInfo();
        Assert.Equal((info.FirstPosition, info.FirstSequence), (position, sequence));
        Assert.Equal(info.NextSequence, ReadToEnd(tailer, sequence + 1));
        return position;
    }

    /// <summary>Returns all messages of a queue as text.</summary>
    protected static List<string> Texts(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        var texts = new List<string>();
        while (tailer.TryRead(out QueueMessage message))
        {
            texts.Add(System.Text.Encoding.UTF8.GetString(message.Payload));
        }

        return texts;
    }

    /// <summary>Creates a queue of seeded messages with the given number of segments and closes it.</summary>
    /// <returns>The number of messages in the queue.</returns>
    protected long MakeQueue(int segments, QueueOptions? options = null)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options ?? Small);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, segments - 1);
        AppendUpTo(appender, appender.NextSequence + 20);
        return appender.NextSequence;
    }

    /// <summary>Changes bytes of a file in place.</summary>
    protected static void Overwrite(string path, long offset, params byte[] bytes)
    {
        using FileStream file = File.OpenWrite(path);
        file.Position = offset;
        file.Write(bytes);
    }

    /// <summary>Inverts a byte of a file. A fixed value could equal a byte of a random identifier.</summary>
    protected static void InvertByte(string path, long offset) => Overwrite(path, offset, (byte)~Content(path)[offset]);

    /// <summary>Returns the content of a file. It is mapped, because file reads of the framework respect the lock that a tailer
    /// holds.</summary>
    protected static byte[] Content(string path)
    {
        using MemoryRegion region = FileStorage.Instance.OpenRegion(path, RegionAccess.ReadOnly);
        return region.All.ReadOnlySpan(0, (int)region.Length).ToArray();
    }

    /// <summary>Starts the other process.</summary>
    protected static ChildProcess StartOther(params string[] arguments) =>
        ChildProcess.StartDotnet(BuiltProgram.Find("tests/Estream.Queue.TestProcess", "Estream.Queue.TestProcess.dll"), arguments);

    /// <inheritdoc/>
    public void Dispose()
    {
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Asserts an error that names the file and, if given, the offset.</summary>
    protected static TError AssertNames<TError>(string path, long? offset, Action action)
        where TError : EstreamException
    {
        TError error = Assert.Throws<TError>(action);
        Assert.Equal(path, error.Path);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        if (offset is not null)
        {
            Assert.Equal(offset, (error as EstreamCorruptionException)?.Offset);
        }

        return error;
    }
}
