using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>Makes and opens the files of a map, in an order in which a kill after any step leaves a map or none.</summary>
internal sealed class MapOpener<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private const long FirstGeneration = 1;
    private const int MaxOpenAttempts = 64;

    private readonly RegionSource _source;
    private readonly MapOptions _options;

    public MapOpener(RegionSource source, MapOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.InitialCapacity, nameof(options));
        _source = source;
        _options = options;
        Key = TypeShape.Of<TKey>();
        Value = TypeShape.Of<TValue>();
        ValidateTypes();
    }

    public TypeShape Key { get; }

    public TypeShape Value { get; }

    /// <summary>Makes map and table in memory.</summary>
    public (MapMeta Meta, Table<TKey, TValue> Table) Create()
    {
        byte[] random = new byte[sizeof(ulong)];
        _options.Storage.FillRandom(random);
        ulong seed = BitConverter.ToUInt64(random);
        Table<TKey, TValue> table = CreateTable(FirstGeneration, Table<TKey, TValue>.BucketsFor(_options.InitialCapacity), seed);
        try
        {
            MemoryRegion region = _source.Create(MapFormat.NewMetaFile, MetaLayout.Bytes);
            MetaFile.WriteHeader(region.All, Key, Value, seed, _options.Clock.UtcNanos);
            var meta = new MapMeta(region);
            meta.Publish(FirstGeneration);
            return (meta, table);
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <summary>Opens the map of a directory for its one writer, making it when it is missing. The caller holds the lock.</summary>
    public (MapMeta Meta, Table<TKey, TValue> Table) OpenOrCreate(DirectorySource files)
    {
        if (!files.Storage.FileExists(files.Describe(MapFormat.MetaFile)))
        {
            return CreateIn(files);
        }

        MapMeta meta = OpenMeta(RegionAccess.ReadWrite);
        Table<TKey, TValue>? table = null;
        try
        {
            table = OpenTable(meta.Generation, meta.HashSeed, RegionAccess.ReadWrite);
            table.Recover();
            DeleteTablesExcept(files, MapFormat.TableFile(table.Generation));
            meta.TakeOver(files.Storage.BootId);
            return (meta, table);
        }
        catch
        {
            table?.Dispose();
            meta.Dispose();
            throw;
        }
    }

    /// <summary>Opens map.meta and checks that it is a map of these types.</summary>
    public MapMeta OpenMeta(RegionAccess access)
    {
        MemoryRegion region = _source.Open(MapFormat.MetaFile, access);
        try
        {
            MetaFile.Validate(region.All, _source.Describe(MapFormat.MetaFile), Key, Value);
            return new MapMeta(region);
        }
        catch
        {
            region.Dispose();
            throw;
        }
    }

    /// <summary>Opens the current table for reading. The writer may be growing the map: then the file is gone and the number has changed.</summary>
    public Table<TKey, TValue> OpenCurrentTable(MapMeta meta)
    {
        for (int attempt = 1; ; attempt++)
        {
            long generation = meta.Generation;
            try
            {
                return OpenTable(generation, meta.HashSeed, RegionAccess.ReadOnly);
            }
            catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound
                && meta.Generation != generation && attempt < MaxOpenAttempts)
            {
                // The next turn opens the table that replaced it.
            }
        }
    }

    public Table<TKey, TValue> CreateTable(long generation, long bucketCount, ulong seed)
    {
        string name = MapFormat.TableFile(generation);

        // One may be left of an attempt that failed and could not be cleared away.
        DeleteTable(generation);
        MemoryRegion region = _source.Create(name, Table<TKey, TValue>.BytesFor(bucketCount));
        Prefault(region);
        return Table<TKey, TValue>.Initialize(region, _source.Describe(name), generation, bucketCount, seed);
    }

    /// <summary>Removes a table file; one that cannot be removed is left for the next opening to remove.</summary>
    public void DeleteTable(long generation)
    {
        try
        {
            _source.Delete(MapFormat.TableFile(generation));
        }
        catch (EstreamStorageException)
        {
            // It is not part of the map any more, so the map is whole with it or without.
        }
    }

    /// <summary>Makes durable which files the map has. A file's contents are flushed by themselves.</summary>
    public void SyncNames() => _source.SyncNames();

    // Without map.meta there is no map: whatever lies here was left by a creation that was cut off.
    private (MapMeta Meta, Table<TKey, TValue> Table) CreateIn(DirectorySource files)
    {
        DeleteTablesExcept(files, MapFormat.MetaFile);
        (MapMeta meta, Table<TKey, TValue> table) = Create();
        try
        {
            // On the device before the name that vouches for them: a power cut then leaves a whole map or none.
            table.Flush();
            meta.Flush();
            files.Storage.Rename(files.Describe(MapFormat.NewMetaFile), files.Describe(MapFormat.MetaFile));
            SyncNames();
            meta.TakeOver(files.Storage.BootId);
            return (meta, table);
        }
        catch
        {
            table.Dispose();
            meta.Dispose();
            throw;
        }
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

    private static void DeleteTablesExcept(DirectorySource files, string kept)
    {
        foreach (string name in files.Storage.ListFiles(files.Directory, ""))
        {
            if ((MapFormat.IsTableFile(name) || name == MapFormat.NewMetaFile) && name != kept)
            {
                files.Delete(name);
            }
        }
    }

    private void ValidateTypes()
    {
        if (Key.Size > MapFormat.MaxKeyBytes || Value.Size > MapFormat.MaxValueBytes)
        {
            throw new ArgumentException(
                $"{Key.Type} has {Key.Size} bytes and {Value.Type} {Value.Size}; keys may have {MapFormat.MaxKeyBytes} and values "
                + $"{MapFormat.MaxValueBytes} bytes. Keep large values in a queue and their positions in the map.");
        }

        if (Key.PaddingBytes > 0)
        {
            throw new ArgumentException(
                $"{Key.Type} has {Key.PaddingBytes} padding bytes between or after its fields. They may differ between equal keys, and keys are "
                + "compared byte by byte. Declare the gaps as fields, or reorder the fields, so that the sizes of the fields add up to "
                + $"{Key.Size}.");
        }
    }
}
