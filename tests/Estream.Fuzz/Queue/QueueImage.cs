using Estream.Core;
using Estream.Queue;

namespace Estream.Fuzz.Queue;

/// <summary>The files of a small queue, to be damaged and restored.</summary>
internal sealed class QueueImage
{
    public const int SegmentBytes = 64 << 10;

    private static readonly int[] s_words =
        [0, 1, 15, 16, 17, 24, -1, int.MinValue, int.MaxValue, 0x1000_0010, 0x1000_0018, 0x2000_0010, 0x3000_0018, 0x4000_0010,
            unchecked((int)0x8000_0040), 0x0FFF_FFFF, 65_504, 65_536];

    private readonly OrderedDictionary<string, byte[]> _files = [];
    private readonly List<byte[]> _payloads = [];

    public QueueImage(string directory, AppenderMode mode, FrameChecksum checksum, QueueKeyRing? keys)
    {
        Keys = keys;
        Directory = directory;
        HasChecksums = checksum == FrameChecksum.Crc32C;
        using (EstreamQueue queue =
            EstreamQueue.Open(directory, new QueueOptions { SegmentBytes = SegmentBytes, Checksum = checksum, Keys = keys }))
        using (QueueAppender appender = queue.CreateAppender(mode))
        {
            Fill(appender);
            using QueueTailer tailer = queue.CreateTailer("reader");
            tailer.TryRead(out _);
            tailer.Commit();
        }

        // Sorts the files, so that a seed damages the same files on every machine, whatever the order of the file system.
        foreach (string file in System.IO.Directory.GetFiles(directory, "*", SearchOption.AllDirectories)
            .Where(f => new FileInfo(f).Length > 0).Order(StringComparer.Ordinal))
        {
            _files.Add(file, File.ReadAllBytes(file));
        }
    }

    public string Directory { get; }

    public bool HasChecksums { get; }

    /// <summary>The master keys of an encrypted queue.</summary>
    public QueueKeyRing? Keys { get; }

    /// <summary>The position of every message.</summary>
    public List<long> Positions { get; } = [];

    /// <summary>Changes one to six positions: mostly in segments, and there mostly in headers and at the starts of frames.</summary>
    public void Damage(Random random)
    {
        for (int i = random.Next(1, 7); i > 0; i--)
        {
            (string path, byte[] content) = _files.GetAt(random.Next(_files.Count));
            using var file = new FileStream(path, FileMode.Open);
            if (random.Next(60) == 0)
            {
                file.SetLength(random.Next(content.Length));
                continue;
            }

            file.Position = Place(random, path, content.Length);
            byte[] bytes = random.Next(2) == 0 ? BitConverter.GetBytes(s_words[random.Next(s_words.Length)]) : [(byte)random.Next(256)];
            file.Write(bytes);
        }
    }

    /// <summary>Restores every file, and removes added files.</summary>
    public void Restore()
    {
        foreach ((string path, byte[] content) in _files)
        {
            File.WriteAllBytes(path, content);
        }

        foreach (string added in System.IO.Directory.GetFiles(Directory)
            .Where(f => Path.GetExtension(f) is ".seg" or ".ready" or ".new" && !_files.ContainsKey(f)))
        {
            File.Delete(added);
        }
    }

    /// <summary>Reads to the end or to an error.</summary>
    /// <returns>The number of messages that equal the original, and whether these were all messages up to the end.</returns>
    public (int Matching, bool Complete) CountMatching(QueueTailer tailer)
    {
        const int MostMessages = 3 * SegmentBytes / 16;
        int matching = 0;
        try
        {
            int read = 0;
            for (; tailer.TryRead(out QueueMessage message); read++)
            {
                Assert.InRange(read, 0, MostMessages);
                Assert.True(Keys is null || IsGenuine(message), $"the message read at {message.Position} was never written there");
                bool isOriginal = matching == read && matching < _payloads.Count && message.Sequence == matching
                    && message.Payload.SequenceEqual(_payloads[matching]);
                matching += isOriginal ? 1 : 0;
            }

            return (matching, matching == read);
        }
        catch (EstreamException)
        {
            return (matching, false);
        }
    }

    // Damage may hide blocks of an encrypted queue, but every message that is read must have been written at that position.
    private bool IsGenuine(QueueMessage message) =>
        message.Sequence < _payloads.Count && message.Position == Positions[(int)message.Sequence]
            && message.Payload.SequenceEqual(_payloads[(int)message.Sequence]);

    private void Fill(QueueAppender appender)
    {
        var random = new Random(1);
        while (appender.NextPosition < (2 * SegmentBytes) + (SegmentBytes / 2))
        {
            byte[] payload = new byte[random.Next(10) == 0 ? random.Next(9_000) : random.Next(300)];
            random.NextBytes(payload);
            Positions.Add(appender.Append(payload));
            _payloads.Add(payload);
        }
    }

    private long Place(Random random, string path, int length) => path.EndsWith(".seg", StringComparison.Ordinal)
        ? random.Next(4) switch
        {
            0 => random.Next(256),
            1 => random.Next(length - 4),
            _ when Keys is not null => (Positions[random.Next(Positions.Count)] % SegmentBytes) - random.Next(64) + random.Next(40),
            _ => (Positions[random.Next(Positions.Count)] % SegmentBytes) + random.Next(20),
        }
        : random.Next(random.Next(4) == 0 ? length - 4 : Math.Min(length - 4, 256));
}
