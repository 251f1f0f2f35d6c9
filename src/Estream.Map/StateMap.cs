using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>Opens and creates maps; see <see cref="StateMap{TKey, TValue}"/>.</summary>
public static class StateMap
{
    /// <summary>The number of user metadata words of a map; see <see cref="StateMap{TKey, TValue}.UserWord"/>.</summary>
    public const int UserWordCount = MetaLayout.UserWordCount;

    /// <summary>The maximum number of keys in a batch; see <see cref="StateMap{TKey, TValue}.CreateBatch"/>.</summary>
    public const int MaxBatchKeys = BatchLayout.MaxEntries;

    /// <summary>
    /// Opens the map in a directory for writing, as its single writer or as one of several (<see cref="MapOptions.Writers"/>), and creates
    /// it if it does not exist. Rolls back an incomplete write of a crashed writer.
    /// </summary>
    /// <typeparam name="TKey">Compared and hashed by its bytes, so it must have no padding. Positive and negative floating-point zero are
    /// different keys.</typeparam>
    /// <typeparam name="TValue">Any type without references, up to 64 KiB.</typeparam>
    /// <param name="directory">The directory of the map, used for nothing else. Created with its parents.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <exception cref="EstreamLeaseException">Another object, in this or another process, is writing to the map; or other writers exist
    /// and a feed should start or end.</exception>
    /// <exception cref="EstreamFormatException">The map has other types or another format version.</exception>
    /// <exception cref="EstreamCorruptionException">The files are damaged, or are not a map.</exception>
    /// <exception cref="InvalidOperationException">The map has a change feed, and <see cref="MapOptions.Changes"/> is not set.</exception>
    /// <exception cref="EstreamStorageException">A storage error: full disk, no permission, read-only file system.</exception>
    /// <exception cref="ArgumentException">The key has padding bytes, a type is too large, or options contradict each other.</exception>
    public static StateMap<TKey, TValue> Open<TKey, TValue>(string directory, MapOptions? options = null)
        where TKey : unmanaged
        where TValue : unmanaged => Open(directory, options ??= new MapOptions(), features: 0, PlainFeed<TKey, TValue>.To(options.Changes));

    internal static StateMap<TKey, TValue> Open<TKey, TValue>(
        string directory, MapOptions options, int features, ChangeFeed<TKey, TValue>? feed)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var files = new DirectorySource(options.Storage, directory);
        var opener = new MapOpener<TKey, TValue>(files, options, features, feed);
        RequireNoQueue(directory, options.Storage);
        options.Storage.CreateDirectory(directory);
        return options.Writers == MapWriters.One ? OpenAlone(opener, files) : OpenBesideOthers(opener, files);
    }

    // The files of a map and of a queue have some names in common, such as the lock of the writer.
    private static void RequireNoQueue(string directory, IStorage storage)
    {
        foreach (string name in (ReadOnlySpan<string>)["queue.meta", "partitions.meta"])
        {
            string path = Path.Combine(directory, name);
            if (storage.FileExists(path))
            {
                throw new EstreamFormatException(
                    $"'{directory}' contains a queue ('{name}'). Open it with EstreamQueue, or choose an empty directory for the map.",
                    path);
            }
        }
    }

    /// <summary>
    /// Opens the map in a directory for reading, concurrently with its writers. Never writes: works on a read-only file system.
    /// </summary>
    /// <typeparam name="TKey">The key type of the map, or one with the same fields.</typeparam>
    /// <typeparam name="TValue">The value type of the map, or one with the same fields.</typeparam>
    /// <param name="directory">The directory of the map.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults. Only storage and prefaulting are used.</param>
    /// <exception cref="EstreamStorageException">The map does not exist or may not be read.</exception>
    /// <exception cref="EstreamFormatException">The map has other types or another format version.</exception>
    /// <exception cref="EstreamCorruptionException">The files are damaged, or are not a map.</exception>
    public static StateMap<TKey, TValue> OpenReadOnly<TKey, TValue>(string directory, MapOptions? options = null)
        where TKey : unmanaged
        where TValue : unmanaged => OpenReadOnly<TKey, TValue>(directory, options, features: 0);

    internal static StateMap<TKey, TValue> OpenReadOnly<TKey, TValue>(string directory, MapOptions? options, int features)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        options ??= new MapOptions();
        var files = new DirectorySource(options.Storage, directory);
        var opener = new MapOpener<TKey, TValue>(files, options, features, feed: null);
        string metaPath = files.Describe(MapFormat.MetaFile);
        if (!options.Storage.FileExists(metaPath))
        {
            throw new EstreamStorageException(
                $"There is no map in '{directory}': '{metaPath}' does not exist. Check the path, or start the writer that creates it.",
                metaPath,
                StorageFailure.NotFound);
        }

        MapMeta meta = opener.OpenMeta(RegionAccess.ReadOnly);
        try
        {
            TablePair<TKey, TValue> tables = opener.OpenCurrentTables(meta, known: null);
            return new StateMap<TKey, TValue>(opener, meta, tables, lease: null, directory, isReadOnly: true);
        }
        catch
        {
            meta.Dispose();
            throw;
        }
    }

    /// <summary>Creates a map in the memory of this process, outside the garbage-collected heap, on huge pages if available.</summary>
    /// <typeparam name="TKey">Compared and hashed by its bytes, so it must have no padding.</typeparam>
    /// <typeparam name="TValue">Any type without references, up to 64 KiB.</typeparam>
    /// <param name="initialCapacity">The number of entries before the map first grows.</param>
    /// <exception cref="InsufficientMemoryException">There is not enough address space.</exception>
    /// <exception cref="ArgumentException">The key has padding bytes, or a type is too large.</exception>
    public static StateMap<TKey, TValue> CreateInMemory<TKey, TValue>(long initialCapacity = 1024)
        where TKey : unmanaged
        where TValue : unmanaged =>
        CreateInMemory<TKey, TValue>(new MapOptions { InitialCapacity = initialCapacity }, features: 0, feed: null);

    internal static StateMap<TKey, TValue> CreateInMemory<TKey, TValue>(MapOptions options, int features, ChangeFeed<TKey, TValue>? feed)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        if (options.Writers != MapWriters.One)
        {
            throw new ArgumentException(
                "A map in memory has one writer: no other process sees it, and its threads take turns. Store the map in files to use "
                + "MapWriters.Many.",
                nameof(options));
        }

        var opener = new MapOpener<TKey, TValue>(new MemorySource(), options, features, feed);
        (MapMeta meta, TablePair<TKey, TValue> tables) = opener.Create();
        return new StateMap<TKey, TValue>(opener, meta, tables, lease: null, directory: null);
    }

    private static StateMap<TKey, TValue> OpenAlone<TKey, TValue>(MapOpener<TKey, TValue> opener, DirectorySource files)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        IDisposable lease = LockAlone(files);
        try
        {
            (MapMeta meta, TablePair<TKey, TValue> tables, bool isCutOff) = opener.OpenOrCreate(files);
            return new StateMap<TKey, TValue>(opener, meta, tables, lease, files.Directory, isCutOff: isCutOff);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    // A process that opens the map while no other process has it open has exclusive access at that moment, and does the work that requires
    // it.
    private static StateMap<TKey, TValue> OpenBesideOthers<TKey, TValue>(MapOpener<TKey, TValue> opener, DirectorySource files)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        using IDisposable opening = TimedLock.Take(files.Storage, files.Describe(MapFormat.OpeningLockFile));
        MapMeta? meta = null;
        TablePair<TKey, TValue>? tables = null;
        WriterRegistry? registry = null;
        IDisposable? lease = null;
        try
        {
            using (IDisposable? alone = TryLock(files, LockMode.Exclusive))
            {
                if (alone is not null)
                {
                    (meta, tables, _) = opener.OpenOrCreate(files);
                    tables = opener.PrepareForMultiWriter(meta, tables);
                    registry = WriterRegistry.Create(files, meta.HashSeed);
                }
            }

            lease = TryLock(files, LockMode.Shared) ?? throw HeldByAnother(files);
            meta ??= opener.OpenMetaBesideOthers();
            tables ??= opener.OpenCurrentTables(meta, known: null, RegionAccess.ReadWrite);
            registry ??= WriterRegistry.Open(files, meta.HashSeed);
            return new StateMap<TKey, TValue>(opener, meta, tables, lease, files.Directory, multi: (registry, files));
        }
        catch
        {
            registry?.Dispose();
            tables?.Dispose();
            meta?.Dispose();
            lease?.Dispose();
            throw;
        }
    }

    /// <summary>Takes the lock of the writer.</summary>
    /// <exception cref="EstreamLeaseException">Another object, in this or another process, holds the lock.</exception>
    internal static IDisposable LockAlone(DirectorySource files) => TryLock(files, LockMode.Exclusive) ?? throw HeldByAnother(files);

    private static IDisposable? TryLock(DirectorySource files, LockMode mode) =>
        files.Storage.TryLock(files.Describe(MapFormat.LockFile), mode);

    // The lock shows that a writer exists; map.meta names it, unless the writer is just creating the file.
    private static EstreamLeaseException HeldByAnother(DirectorySource files)
    {
        string path = files.Describe(MapFormat.LockFile);
        int processId = 0;
        if (files.Storage.FileExists(files.Describe(MapFormat.MetaFile)))
        {
            using MemoryRegion region = files.Open(MapFormat.MetaFile, RegionAccess.ReadOnly);
            processId = region.Length >= MetaLayout.Bytes ? (int)region.All.ReadInt64(MetaLayout.WriterProcessId) : 0;
        }

        string owner = processId == 0 ? "another process" : $"process {processId}";
        return new EstreamLeaseException(
            $"The map in '{files.Directory}' is open for writing by {owner}, and not both writers use MapWriters.Many. "
            + "Stop that process, use MapWriters.Many in both, or use OpenReadOnly. (The lock ends when its owner ends.)",
            path,
            processId);
    }
}
