using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>The directory of a queue: file names, the identity in queue.meta, and the list of segments.</summary>
internal sealed class QueueFiles
{
    private QueueFiles(string directory, IStorage storage, long queueId, long segmentBytes)
    {
        Directory = directory;
        Storage = storage;
        QueueId = queueId;
        SegmentBytes = segmentBytes;
    }

    public string Directory { get; }

    public IStorage Storage { get; }

    public long QueueId { get; }

    public long SegmentBytes { get; }

    public string MetadataPath => Path.Combine(Directory, MetadataLayout.QueueFile);

    public string KeysPath => Path.Combine(Directory, QueueKeys.FileName);

    public string LockPath => Path.Combine(Directory, MetadataLayout.LockFile);

    public string RotateLockPath => Path.Combine(Directory, MetadataLayout.RotateLockFile);

    public string ReadyPath => Path.Combine(Directory, SegmentLayout.ReadyName);

    public string RotatePath => Path.Combine(Directory, SegmentLayout.RotateName);

    public string SpareLockPath => Path.Combine(Directory, SegmentLayout.SpareLockName);

    public string WritersPath => Path.Combine(Directory, WriterLayout.FileName);

    public string WriterLocksPath => Path.Combine(Directory, WriterLayout.LockDirectory);

    /// <summary>The size of a new segment file in bytes.</summary>
    public long SegmentFileBytes => SegmentLayout.FileBytes(SegmentBytes, SegmentLayout.Version);

    public string SparePath => Path.Combine(Directory, SegmentLayout.SpareName);

    public string TailerDirectory => Path.Combine(Directory, MetadataLayout.TailerDirectory);

    public string SegmentPath(long index) => Path.Combine(Directory, SegmentLayout.FileName(index));

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
    public static QueueFiles Unchecked(string directory, IStorage storage) => new(directory, storage, queueId: 0, segmentBytes: 0);

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
        FormatHeader.Check(memory, path, MetadataLayout.QueueMagic, MetadataLayout.Version, MetadataLayout.QueueCheckedBytes);
        long segmentBytes = memory.ReadInt64(MetadataLayout.SegmentBytesOffset);
        if (!QueueOptions.IsSegmentBytes(segmentBytes))
        {
            throw new EstreamFormatException(
                $"'{path}' gives a segment size of {segmentBytes} bytes, which this version never creates. Open it with the release of "
                + "Estream that wrote it.", path);
        }

        return new QueueFiles(directory, storage, memory.ReadInt64(MetadataLayout.QueueIdOffset), segmentBytes);
    }

    /// <summary>Creates the directory and queue.meta if they do not exist. Several processes may do so at once.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="options">The options of a new queue.</param>
    /// <param name="copyOf">The id of a new queue, which is then a copy of the queue with that id; null for a random id.</param>
    public static QueueFiles OpenOrCreate(string directory, QueueOptions options, long? copyOf = null)
    {
        IStorage storage = options.Storage;
        string path = Path.Combine(directory, MetadataLayout.QueueFile);
        if (!storage.FileExists(path))
        {
            storage.CreateDirectory(directory);
            using IDisposable creation = CreationLock.Take(storage, directory);
            if (!storage.FileExists(path))
            {
                RequireUnpartitioned(directory, storage);
                WriteMetadata(storage, path, options, copyOf);
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

    private static void WriteMetadata(IStorage storage, string path, QueueOptions options, long? copyOf)
    {
        byte[] queueId = BitConverter.GetBytes(copyOf ?? 0);
        if (copyOf is null)
        {
            storage.FillRandom(queueId);
        }

        // Durable at once: without queue.meta the queue cannot be opened after a power cut.
        storage.WriteDurably(path, MetadataLayout.FileBytes, memory =>
        {
            memory.WriteInt64(MetadataLayout.QueueIdOffset, BitConverter.ToInt64(queueId));
            memory.WriteInt64(MetadataLayout.SegmentBytesOffset, options.SegmentBytes);
            memory.WriteInt64(MetadataLayout.CreatedAtOffset, options.Clock.UtcNanos);
            DurabilityRecord.WriteBoot(memory, storage.BootId);
            FormatHeader.Seal(memory, MetadataLayout.QueueMagic, MetadataLayout.Version, MetadataLayout.QueueCheckedBytes);
        });
    }
}
