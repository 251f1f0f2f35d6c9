using Estream.Core;
using Estream.Queue.TestProcess;
using Estream.Testing;

namespace Estream.Queue.Tests.Support;

/// <summary>A queue in a folder of its own, of the smallest segments there are, and the usual things to do with it.</summary>
public abstract class QueueCase : IDisposable
{
    /// <summary>Bytes of a segment: the least that is allowed.</summary>
    protected const int SegmentBytes = 64 << 10;

    private readonly TempDirectory _directory = new();

    /// <summary>The queue's directory; nothing is there at first.</summary>
    protected string QueueDirectory => _directory.Combine("queue");

    /// <summary>Options for small segments and nothing else.</summary>
    protected static QueueOptions Small => new() { SegmentBytes = SegmentBytes };

    /// <summary>
    /// Options for small segments, encrypted or not. The master key is in a file beside the queue, too, where other processes find it.
    /// </summary>
    protected QueueOptions SmallWith(bool encrypted) => encrypted ? Encrypted : Small;

    /// <summary>Options for small encrypted segments; other processes find the master key beside the queue.</summary>
    protected QueueOptions Encrypted =>
        Small with { Keys = QueueKeyRing.FromFile(TestKeys.Write(QueueAccess.KeyFile(QueueDirectory), "first")) };

    /// <summary>A folder beside the queue.
    protected string Beside(string name) => _directory.Combine(name);

    /// <summary>A file of the queue.</summary>
    protected string InQueue(params string[] parts) => Path.Combine([QueueDirectory, .. parts]);

    /// <summary>The file of a segment.</summary>
    protected string SegmentFile(long index) => InQueue($"{index:D12}.seg");

    /// <summary>The numbers of the segments whose files are there.</summary>
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

    /// <summary>Appends seeded messages until so many segments were begun after the present one.</summary>
    protected static void AppendSegments(QueueAppender appender, int count)
    {
        byte[] buffer = new byte[SeededMessage.MaxBytes];
        long start = appender.NextPosition / SegmentBytes;
        while (appender.NextPosition / SegmentBytes < start + count)
        {
            appender.Append(buffer.AsSpan(0, SeededMessage.Write(appender.NextSequence, buffer)));
        }
    }

    /// <summary>Reads to the end, checking that the messages are seeded ones that follow each other.</summary>
    /// <param name="tailer">The reader.</param>
    /// <param name="firstSequence">What the first message has to be; whatever comes first when it is not given.</param>
    /// <returns>The sequence number behind the last message.</returns>
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

    /// <summary>
    /// Reads a queue of seeded messages that has a writer with retention. The writer's helper thread may still be giving segments up: a
    /// reader keeps it from that from its first message on, so what there is is counted only then.
    /// </summary>
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

    /// <summary>All messages of a queue, as text.</summary>
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

    /// <summary>Makes a queue of seeded messages with so many segments and closes it.</summary>
    /// <returns>How many messages are in it.</returns>
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

    /// <summary>What is in a file. Mapped: the framework's own reading of files respects the lock that a tailer holds.</summary>
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

    /// <summary>Expects an error that names the file, and the offset where there is one.</summary>
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
