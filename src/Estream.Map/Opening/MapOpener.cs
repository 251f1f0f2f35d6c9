using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>Creates and opens the files of a map, in an order in which a crash after any step leaves a whole map or none.</summary>
internal sealed partial class MapOpener<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private const long FirstGeneration = 1;
    private const int MaxOpenAttempts = 64;

    private readonly RegionSource _source;
    private readonly MapOptions _options;
    private readonly int _features;

    public MapOpener(RegionSource source, MapOptions options, int features, ChangeFeed<TKey, TValue>? feed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.InitialCapacity, nameof(options));
        if (options.Keys is not null)
        {
            throw new ArgumentException(
                "MapOptions.Keys is set, but a map of fixed-size values cannot be encrypted. Use a ByteMap with ByteMapOptions.Keys, or "
                + "remove Keys.", nameof(options));
        }

        FeedState.RequireOneOption(feed is not null, options.GivesUpChanges);
        FeedState.RequireSinkFor(options.Writers, options.Changes);
        _source = source;
        _options = options;
        _features = features;
        Feed = feed;
        Logs = new BatchLogs<TKey, TValue>(source);
        Key = TypeShape.Of<TKey>();
        Value = TypeShape.Of<TValue>();
        ValidateTypes();
    }

    public TypeShape Key { get; }

    public TypeShape Value { get; }

    /// <summary>The number of buckets of a new map; the map never shrinks below it.</summary>
    public long InitialBuckets => Table<TKey, TValue>.BucketsFor(_options.InitialCapacity);

    /// <summary>Whether new tables have a journal per stripe: several writers replace values at the same time, each with several
    /// stores.</summary>
    public bool HasJournalPerStripe => _options.Writers == MapWriters.Many && !SlotLayout<TKey, TValue>.IsValueAtomic;

    /// <summary>The change feed of the map; null if it has none.</summary>
    public ChangeFeed<TKey, TValue>? Feed { get; }

    /// <summary>The batch logs of the map.</summary>
    public BatchLogs<TKey, TValue> Logs { get; }

    public IClock Clock => _options.Clock;

    /// <summary>
    /// Whether the last writer opened the map since the machine started. Only then are its batch logs and its snapshot lease valid. Always
    /// true in memory. Later loads from map.meta are no older than the boot id that this call loads.
    /// </summary>
    public bool IsOfThisRun(MapMeta meta)
    {
        bool isOfThisRun = _source is not DirectorySource files || meta.IsOf(files.Storage.BootId);
        Volatile.ReadBarrier();
        return isOfThisRun;
    }

    /// <summary>Creates map.meta and the first table. In a directory, the caller must flush and install them.</summary>
    public (MapMeta Meta, TablePair<TKey, TValue> Tables) Create()
    {
        byte[] random = new byte[sizeof(ulong)];
        _options.Storage.FillRandom(random);
        ulong seed = BitConverter.ToUInt64(random);
        Table<TKey, TValue> table = CreateTable(FirstGeneration, Table<TKey, TValue>.BucketsFor(_options.InitialCapacity), seed);
        try
        {
            return (CreateMeta(table, _options.Clock.UtcNanos), new TablePair<TKey, TValue>(table, null));
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <summary>Opens the map in a directory for its only writer, and creates it if it does not exist. The caller holds the lock.</summary>
    /// <returns>The map, and whether a migration is unfinished, so that units may be partly copied to the next table.</returns>
    public (MapMeta Meta, TablePair<TKey, TValue> Tables, bool IsCutOff) OpenOrCreate(DirectorySource files)
    {
        Guid bootId = files.Storage.BootId;
        if (!files.Storage.FileExists(files.Describe(MapFormat.MetaFile)))
        {
            (MapMeta made, TablePair<TKey, TValue> empty) = CreateIn(files);
            made.HasFeed = Feed is not null;
            made.TakeOver(bootId);
            return (made, empty, false);
        }

        MapMeta meta = OpenMeta(RegionAccess.ReadWrite);
        TablePair<TKey, TValue>? tables = null;
        try
        {
            FeedState.Require(meta.HasFeed, Feed is not null, _options.GivesUpChanges, _source.Describe(MapFormat.MetaFile));
            tables = OpenTables(meta, meta.State, RegionAccess.ReadWrite, known: null);
            Recover(tables, meta.WasCutOff(bootId));
            CompleteBatches(meta, tables, bootId);

            // Processes that have the leased table mapped keep it. Its file is deleted with the other tables.
            meta.ExchangeLeased(0);
            DeleteOtherTables(files, meta, tables);
            if (meta.Version == MapFormat.OldestVersion)
            {
                (meta, tables) = Convert(files, meta, tables.Current);
            }

            ResolveFeedIntents(tables);
            Logs.DeleteAll();
            RaiseVersionsAfterLoss(meta, tables, bootId);
            meta.HasFeed = Feed is not null;
            meta.TakeOver(bootId);
            return (meta, tables, tables.Next is not null);
        }
        catch
        {
            tables?.Dispose();
            meta.Dispose();
            throw;
        }
    }

    /// <summary>Opens map.meta and checks that the map has these types.</summary>
    public MapMeta OpenMeta(RegionAccess access)
    {
        MemoryRegion region = _source.Open(MapFormat.MetaFile, access);
        try
        {
            MetaFile.Validate(region.All, _source.Describe(MapFormat.MetaFile), Key, Value, _features);
            return new MapMeta(region);
        }
        catch
        {
            region.Dispose();
            throw;
        }
    }

    /// <summary>Opens map.meta as <see cref="OpenMeta"/> does, for a writer that joins others, and checks that its feed options match
    /// theirs.</summary>
    public MapMeta OpenMetaBesideOthers()
    {
        MapMeta meta = OpenMeta(RegionAccess.ReadWrite);
        try
        {
            FeedState.RequireSameAsOthers(meta.HasFeed, Feed is not null, _options.GivesUpChanges, _source.Describe(MapFormat.MetaFile));
            return meta;
        }
        catch
        {
            meta.Dispose();
            throw;
        }
    }

    /// <summary>Opens the current tables. A concurrent writer may have replaced and deleted one of them: then the state has changed, and
    /// the call tries again.</summary>
    /// <param name="meta">Names the current tables.</param>
    /// <param name="known">Open tables, which are reused if they are current.</param>
    /// <param name="access">The access to the tables.</param>
    public TablePair<TKey, TValue> OpenCurrentTables(MapMeta meta, TablePair<TKey, TValue>? known,
        RegionAccess access = RegionAccess.ReadOnly)
    {
        for (int attempt = 1; ; attempt++)
        {
            long state = meta.State;
            try
            {
                return OpenTables(meta, state, access, known);
            }
            catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound
                && meta.State != state && attempt < MaxOpenAttempts)
            {
                // Another writer has replaced a table. The next attempt opens the new one.
            }
        }
    }

    public Table<TKey, TValue> CreateTable(long generation, long bucketCount, ulong seed)
    {
        string name = MapFormat.TableFile(generation);

        // A failed attempt may have left a file that could not be deleted.
        DeleteTable(generation);
        MemoryRegion region = _source.Create(name, Table<TKey, TValue>.BytesFor(bucketCount, HasJournalPerStripe));
        Prefault(region);
        return Table<TKey, TValue>.Initialize(region, _source.Describe(name), generation, bucketCount, seed, HasJournalPerStripe);
    }

    /// <summary>Creates the empty table that a map migrates into, with a durable header and name.</summary>
    public Table<TKey, TValue> CreateNext(Table<TKey, TValue> table, long buckets)
    {
        Table<TKey, TValue> next = CreateTable(table.Generation + 1, buckets, table.HashSeed);
        try
        {
            next.Flush();
            SyncNames();
            return next;
        }
        catch
        {
            Abandon(next);
            throw;
        }
    }

    /// <summary>Disposes and deletes a table that was never published.</summary>
    public void Abandon(Table<TKey, TValue> table)
    {
        table.Dispose();
        DeleteTable(table.Generation);
    }

    /// <summary>Deletes a table file. If that fails, the next opening deletes it.</summary>
    public void DeleteTable(long generation)
    {
        try
        {
            _source.Delete(MapFormat.TableFile(generation));
        }
        catch (EstreamStorageException)
        {
            // The map does not use the file, so a failed deletion costs only disk space.
        }
    }

    /// <summary>Makes the names of the map's files durable. The contents of the files are flushed separately.</summary>
    public void SyncNames() => _source.SyncNames();

    private MapMeta CreateMeta(Table<TKey, TValue> table, long createdTime)
    {
        MemoryRegion region = _source.Create(MapFormat.NewMetaFile, MetaLayout.Bytes);
        MetaFile.WriteHeader(region.All, Key, Value, _features, table.HashSeed, createdTime);
        var meta = new MapMeta(region);
        meta.Publish(table.State);
        return meta;
    }

    // Without map.meta there is no map: other files were left by an interrupted creation.
    private (MapMeta Meta, TablePair<TKey, TValue> Tables) CreateIn(DirectorySource files)
    {
        Array.ForEach(TablesExcept(files, MapFormat.MetaFile, ""), files.Delete);
        Logs.DeleteAll();
        (MapMeta meta, TablePair<TKey, TValue> tables) = Create();
        try
        {
            Install(files, meta, tables.Current);
            return (meta, tables);
        }
        catch
        {
            tables.Dispose();
            meta.Dispose();
            throw;
        }
    }

    // The contents are durable before map.meta gets its name: a power cut leaves the whole map, none, or the previous one.
    private void Install(DirectorySource files, MapMeta meta, Table<TKey, TValue> table)
    {
        table.Flush();
        meta.Flush();
        SyncNames();
        files.Storage.Rename(files.Describe(MapFormat.NewMetaFile), files.Describe(MapFormat.MetaFile));
        SyncNames();
    }

    private TablePair<TKey, TValue> OpenTables(MapMeta meta, long state, RegionAccess access, TablePair<TKey, TValue>? known)
    {
        long generation = MapState.GenerationOf(state, meta.Version);
        Table<TKey, TValue> current = Known(generation) ?? OpenTable(generation, meta.HashSeed, access);
        try
        {
            Table<TKey, TValue>? next = MapState.IsMigrating(state, meta.Version)
                ? Known(generation + 1) ?? OpenTable(generation + 1, meta.HashSeed, access)
                : null;
            return new TablePair<TKey, TValue>(current, next);
        }
        catch when (known?.Current != current && known?.Next != current)
        {
            current.Dispose();
            throw;
        }

        Table<TKey, TValue>? Known(long wanted) => known?.Current.Generation == wanted ? known.Current
            : known?.Next?.Generation == wanted ? known.Next : null;
    }

    private Table<TKey, TValue> OpenTable(long generation, ulong seed, RegionAccess access)
    {
        string name = MapFormat.TableFile(generation);
        MemoryRegion region = _source.Open(name, access);
        Prefault(region);
        return Table<TKey, TValue>.Open(region, _source.Describe(name), generation, seed);
    }

    private void Prefault(MemoryRegion region)
    {
        if (_options.Prefault)
        {
            region.Prefault(0, region.Length);
        }
    }

    // The previous writer may have died before the word that marks a table as unused was durable. That word must be durable before the file
    // is deleted.
    private static void DeleteOtherTables(DirectorySource files, MapMeta meta, TablePair<TKey, TValue> tables)
    {
        string[] others = TablesExcept(files, MapFormat.TableFile(tables.Current.Generation),
            tables.Next is null ? "" : MapFormat.TableFile(tables.Next.Generation));
        if (others.Length > 0)
        {
            meta.Flush();
        }

        Array.ForEach(others, files.Delete);
    }

    private static string[] TablesExcept(DirectorySource files, string kept, string keptToo) =>
        [.. files.Storage.ListFiles(files.Directory, "")
            .Where(name => (MapFormat.IsTableFile(name) || name == MapFormat.NewMetaFile) && name != kept && name != keptToo)];

    private void ValidateTypes()
    {
        if (Key.Size > MapFormat.MaxKeyBytes || Value.Size > MapFormat.MaxValueBytes)
        {
            throw new ArgumentException(
                $"{Key.Type} has {Key.Size} bytes and {Value.Type} {Value.Size}; the limits are {MapFormat.MaxKeyBytes} for keys and "
                + $"{MapFormat.MaxValueBytes} for values. Keep large values in a queue and their positions in the map.");
        }

        if (Key.PaddingBytes > 0)
        {
            throw new ArgumentException(
                $"{Key.Type} has {Key.PaddingBytes} padding bytes between or after its fields. They may differ between equal keys, and "
                + "keys are "
                + "compared byte by byte. Declare the gaps as fields, or reorder the fields, so that the sizes of the fields add up to "
                + $"{Key.Size}.");
        }
    }
}
