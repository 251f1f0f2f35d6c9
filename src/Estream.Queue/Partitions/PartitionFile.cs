using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>partitions.meta: the number of partitions of a queue, fixed when the queue is created. See docs/formats/queue.md.</summary>
/// <param name="Id">A random number given to the partitioned queue when it is created.</param>
/// <param name="Count">The number of partitions.</param>
internal sealed record PartitionFile(long Id, int Count)
{
    public const string FileName = "partitions.meta";

    /// <summary>The offset of the <see cref="SharedSignal"/> at which the members of all groups sleep.</summary>
    public const int MemberSignalOffset = 128;

    private const long Magic = 0x31_54_52_50_52_54_53_45; // "ESTRPRT1"
    private const int Version = 1;
    private const int IdOffset = 16;
    private const int CountOffset = 24;
    private const int HashOffset = 28;
    private const int CreatedAtOffset = 32;
    private const int CheckedBytes = 24;

    // The only hash of keys: XXH64 with seed 0, modulo the count.
    private const int Xxh64 = 1;

    public static bool Exists(string directory, IStorage storage) => storage.FileExists(Path.Combine(directory, FileName));

    /// <exception cref="EstreamStorageException">The directory contains no partitioned queue.</exception>
    /// <exception cref="EstreamFormatException">The file has a newer version.</exception>
    /// <exception cref="EstreamCorruptionException">The file is damaged, or is not partitions.meta.</exception>
    public static PartitionFile Open(string directory, IStorage storage)
    {
        string path = Path.Combine(directory, FileName);
        if (!storage.FileExists(path))
        {
            throw new EstreamStorageException(
                $"There is no partitioned queue in '{directory}' ('{FileName}' is missing). Check the path, or create the queue with a "
                + "number of partitions.", directory, StorageFailure.NotFound);
        }

        using MemoryRegion region = storage.OpenRegion(path, RegionAccess.ReadOnly);
        RegionSpan memory = region.All;
        FormatHeader.Check(memory, path, Magic, Version, CheckedBytes);
        int count = memory.ReadInt32(CountOffset);
        int hash = memory.ReadInt32(HashOffset);
        if (count is < 1 or > PartitionedQueue.MaxPartitions || hash != Xxh64)
        {
            throw new EstreamFormatException(
                $"'{path}' gives {count} partitions and hash {hash}, which this version never creates. Open it with the release of "
                + "Estream that wrote it.", path);
        }

        return new PartitionFile(memory.ReadInt64(IdOffset), count);
    }

    /// <summary>Creates the file if it does not exist. Several processes may do so at once.</summary>
    /// <exception cref="ArgumentException">The queue exists with another number of partitions.</exception>
    /// <exception cref="EstreamFormatException">The directory contains a queue without partitions.</exception>
    public static PartitionFile OpenOrCreate(string directory, int count, QueueOptions options)
    {
        IStorage storage = options.Storage;
        if (!Exists(directory, storage))
        {
            RequireNoQueue(directory, storage);
            QueueDirectory.RequireEmpty(directory, FileName, storage);
            storage.CreateDirectory(directory);
            using IDisposable creation = CreationLock.Take(storage, directory);
            if (!Exists(directory, storage))
            {
                RequireNoQueue(directory, storage);
                Write(directory, count, options);
            }
        }

        PartitionFile file = Open(directory, storage);
        return file.Count == count ? file : throw new ArgumentException(
            $"Queue '{directory}' has {file.Count} partitions; {count} were requested. The number is fixed when the queue is created: open "
            + "the queue without a number, or create another queue and append the messages again.", nameof(count));
    }

    private static void RequireNoQueue(string directory, IStorage storage)
    {
        if (storage.FileExists(Path.Combine(directory, MetadataLayout.QueueFile)))
        {
            throw new EstreamFormatException(
                $"'{directory}' contains a queue without partitions. Use another directory for the partitioned queue.", directory);
        }
    }

    private static void Write(string directory, int count, QueueOptions options)
    {
        IStorage storage = options.Storage;
        string path = Path.Combine(directory, FileName);
        byte[] id = new byte[sizeof(long)];
        storage.FillRandom(id);

        // The number of partitions is durable before the first message: with another number, keys would be in other partitions.
        storage.WriteDurably(path, MetadataLayout.FileBytes, memory =>
        {
            memory.WriteInt64(IdOffset, BitConverter.ToInt64(id));
            memory.WriteInt32(CountOffset, count);
            memory.WriteInt32(HashOffset, Xxh64);
            memory.WriteInt64(CreatedAtOffset, options.Clock.UtcNanos);
            FormatHeader.Seal(memory, Magic, Version, CheckedBytes);
        });
    }
}
