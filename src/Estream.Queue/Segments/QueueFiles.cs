using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>The directory of a queue: file names, the identity in queue.meta, and the list of segments.</summary>
internal sealed class QueueFiles
{
    private readonly SegmentGrowth _growth;

    private QueueFiles(string directory, IStorage storage, long queueId, SegmentGrowth growth)
    {
        Directory = directory;
        Storage = storage;
        QueueId = queueId;
        _growth = growth;
    }

    public string Directory { get; }

    public IStorage Storage { get; }

    public long QueueId { get; }

    /// <summary>The largest size of a segment, and the distance between the positions at which two segments begin.</summary>
    public long SegmentBytes => _growth.SegmentBytes;

    /// <summary>The size of the first segment; 0 if all segments have the same size.</summary>
    public long FirstSegmentBytes => _growth.FirstBytes;

    public string MetadataPath => Path.Combine(Directory, MetadataLayout.QueueFile);

    public string KeysPath => Path.Combine(Directory, QueueKeys.FileName);

    public string LockPath => Path.Combine(Directory, MetadataLayout.LockFile);

    public string RotateLockPath => Path.Combine(Directory, MetadataLayout.RotateLockFile);

    public string ReadyPath => Path.Combine(Directory, SegmentLayout.ReadyName);

    public string RotatePath => Path.Combine(Directory, SegmentLayout.RotateName);

    public string SpareLockPath => Path.Combine(Directory, SegmentLayout.SpareLockName);

    public string WritersPath => Path.Combine(Directory, WriterLayout.FileName);

    public string WriterLocksPath => Path.Combine(Directory, WriterLayout.LockDirectory);

    public string SparePath => Path.Combine(Directory, SegmentLayout.SpareName);

    public string TailerDirectory => Path.Combine(Directory, MetadataLayout.TailerDirectory);

    public string SegmentPath(long index) => Path.Combine(Directory, SegmentLayout.FileName(index));

    /// <summary>The size of a segment without its index.</summary>
    public long BytesOf(long index) => _growth.BytesOf(index);

    /// <summary>The size of the file of a new segment.</summary>
    public long FileBytesOf(long index) => SegmentLayout.FileBytes(BytesOf(index), SegmentLayout.Version);

    /// <summary>The bytes of segments between two positions. Less than their difference if a segment between them is small.</summary>
    public long BytesBetween(long from, long to) => _growth.BytesBefore(to) - _growth.BytesBefore(from);

    public bool Exists(long index) => Storage.FileExists(SegmentPath(index));

    /// <summary>
    /// The indexes of the existing segments, ascending. Ignores files whose names only resemble segments, such as copies.
    /// </summary>
    public IReadOnlyList<long> ListSegments()
    {
        const int Attempts = 100;
        List<long> indexes = ReadNames();
        for (int attempt = 1; attempt < Attempts && IsTorn(indexes); attempt++)
        {
            indexes = ReadNames();
        }

        return indexes;
    }

    private List<long> ReadNames()
    {
        var indexes = new List<long>();
        foreach (string name in Storage.ListFiles(Directory, SegmentLayout.Suffix))
        {
            if (SegmentLayout.TryParseFileName(name, out long index) && index < long.MaxValue / SegmentBytes)
            {
                indexes.Add(index);
            }
        }

        indexes.Sort();
        return indexes;
    }

    // A file created during a directory listing may or may not be in the list: a later one may appear without an earlier one.
    private bool IsTorn(List<long> indexes)
    {
        for (int i = 1; i < indexes.Count; i++)
        {
            long expected = indexes[i - 1] + 1;
            if (indexes[i] != expected)
            {
                return Exists(expected);
            }
        }

        return false;
    }

    /// <summary>Names the files of a queue whose <c>queue.meta</c> may be missing or damaged. The id and the size of a segment are
    /// 0.</summary>
    public static QueueFiles Unchecked(string directory, IStorage storage) => new(directory, storage, queueId: 0, default);

    /// <exception cref="EstreamStorageException">The directory contains no queue.</exception>
    public static QueueFiles Open(string directory, IStorage storage)
    {
        string path = Path.Combine(directory, MetadataLayout.QueueFile);
        if (!storage.FileExists(path))
        {
            RequireUnpartitioned(directory, storage);
            throw new EstreamStorageException(
                $"There is no queue in '{directory}' ('{MetadataLayout.QueueFile}' is missing). Check the path, or create the queue by "
                + "opening it for writing.",
                directory, StorageFailure.NotFound);
        }

        using MemoryRegion region = storage.OpenRegion(path, RegionAccess.ReadOnly);
        RegionSpan memory = region.All;
        int version = FormatHeader.Check(memory, path, MetadataLayout.QueueMagic, MetadataLayout.Version, MetadataLayout.QueueCheckedBytes);
        long segmentBytes = memory.ReadInt64(MetadataLayout.SegmentBytesOffset);
        if (!QueueOptions.IsSegmentBytes(segmentBytes))
        {
            throw new EstreamFormatException(
                $"'{path}' gives a segment size of {segmentBytes} bytes, which this version never creates. Open it with the release of "
                + "Estream that wrote it.", path);
        }

        // The checksum does not cover the version, so the two fields must agree.
        long first = memory.ReadInt64(MetadataLayout.FirstSegmentBytesOffset);
        bool isValid = version < MetadataLayout.Version ? first == 0 : QueueOptions.IsSegmentBytes(first) && first < segmentBytes;
        if (!isValid)
        {
            throw new EstreamFormatException(
                $"'{path}' has queue format version {version} and a first segment of {first} bytes, which do not match. It is damaged; "
                + "restore it from a copy, or open it with the release of Estream that wrote it.", path);
        }

        return new QueueFiles(
            directory, storage, memory.ReadInt64(MetadataLayout.QueueIdOffset), new SegmentGrowth(first, segmentBytes));
    }

    /// <summary>Creates the directory and queue.meta if they do not exist. Several processes may do so at once.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="options">The options of a new queue.</param>
    /// <param name="copyOf">The id of a new queue, which is then a copy of the queue with that id; null for a random id.</param>
    /// <param name="hasSmallStart">Whether a new queue begins with small segments.</param>
    public static QueueFiles OpenOrCreate(string directory, QueueOptions options, long? copyOf = null, bool hasSmallStart = true)
    {
        IStorage storage = options.Storage;
        string path = Path.Combine(directory, MetadataLayout.QueueFile);
        if (!storage.FileExists(path))
        {
            RequireUnpartitioned(directory, storage);
            if (copyOf is null)
            {
                QueueDirectory.RequireEmpty(directory, MetadataLayout.QueueFile, storage);
            }

            storage.CreateDirectory(directory);
            using IDisposable creation = CreationLock.Take(storage, directory);
            if (!storage.FileExists(path))
            {
                RequireUnpartitioned(directory, storage);
                WriteMetadata(storage, path, options, copyOf, hasSmallStart);
            }
        }

        RegionFile.Apply(directory, options);
        return Open(directory, storage);
    }

    private static void RequireUnpartitioned(string directory, IStorage storage)
    {
        if (PartitionFile.Exists(directory, storage))
        {
            throw new EstreamFormatException(
                $"'{directory}' contains a partitioned queue. Open it with PartitionedQueue.Open, or open one of its partitions.",
                directory);
        }
    }

    private static void WriteMetadata(IStorage storage, string path, QueueOptions options, long? copyOf, bool hasSmallStart)
    {
        byte[] queueId = BitConverter.GetBytes(copyOf ?? 0);
        if (copyOf is null)
        {
            storage.FillRandom(queueId);
        }

        long first = hasSmallStart && options.FirstSegmentBytes < options.SegmentBytes ? options.FirstSegmentBytes : 0;
        int version = first == 0 ? MetadataLayout.VersionWithEqualSegments : MetadataLayout.Version;

        // Durable at once: without queue.meta the queue cannot be opened after a power cut.
        storage.WriteDurably(path, MetadataLayout.FileBytes, memory =>
        {
            memory.WriteInt64(MetadataLayout.QueueIdOffset, BitConverter.ToInt64(queueId));
            memory.WriteInt64(MetadataLayout.SegmentBytesOffset, options.SegmentBytes);
            memory.WriteInt64(MetadataLayout.CreatedAtOffset, options.Clock.UtcNanos);
            memory.WriteInt64(MetadataLayout.FirstSegmentBytesOffset, first);
            DurabilityRecord.WriteBoot(memory, storage.BootId);
            FormatHeader.Seal(memory, MetadataLayout.QueueMagic, version, MetadataLayout.QueueCheckedBytes);
        });
    }
}
