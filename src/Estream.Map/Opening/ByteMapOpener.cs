using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// Creates and opens the files of a ByteMap. A crash after any step leaves a whole map or none. The index, which has the writer lock, is
/// created first. bytes.meta follows; without it there is no map.
/// </summary>
internal sealed class ByteMapOpener(RegionSource source, ByteMapOptions options, int features)
{
    private const long VersionsLeftOut = 1L << 40;

    public ByteMapOptions Options { get; } = options;

    /// <summary>Opens the map in a directory for its only writer, and creates it if it does not exist.</summary>
    public OpenedBytes OpenOrCreate(DirectorySource files)
    {
        bool isMade = files.Storage.FileExists(files.Describe(HeapFormat.MetaFile));
        if (isMade && !files.Storage.FileExists(files.Describe(MapFormat.MetaFile)))
        {
            string path = files.Describe(MapFormat.MetaFile);
            throw HeapErrors.Damaged(path, 0, $"it does not exist, but '{HeapFormat.MetaFile}' next to it does");
        }

        StateMap<nuint, nuint> index = StateMap.Open<nuint, nuint>(files.Directory, IndexOptions);
        ByteMeta? meta = null;
        MapKeys? keys = null;
        HeapView? view = null;
        try
        {
            ulong identity = index.Tables().Current.HashSeed;
            if (isMade)
            {
                meta = ByteMeta.Open(source, identity, RegionAccess.ReadWrite, features);
                keys = OpenKeys(files, meta);
            }
            else
            {
                meta = CreateMeta(files, index, out keys);
            }

            FeedState.Require(meta.HasFeed, Options.Changes is not null, Options.GivesUpChanges, files.Describe(HeapFormat.MetaFile));
            view = new HeapView(reopened: null, identity, keys);
            var heap = new Heap(view, meta, source, keys, Options.SegmentBytes);
            bool isCutOff = meta.WasCutOff(files.Storage.BootId, index.HostCrashed);
            ByteHash hash = HashOf(meta, keys);
            OpenSegments(files, heap, meta, keys, isCutOff);
            Recover(new HeapRecovery(index, heap, meta, hash), meta, isCutOff);
            heap.NoteFigures();
            NoteStamps(meta, isCutOff);
            NoteFeed(meta);
            meta.SignOn(files.Storage.BootId);
            return new OpenedBytes(index, meta, heap, view, hash, source, keys);
        }
        catch
        {
            view?.Dispose();
            keys?.Dispose();
            meta?.Dispose();
            index.Dispose();
            throw;
        }
    }

    public OpenedBytes OpenReadOnly(DirectorySource files)
    {
        string metaPath = files.Describe(HeapFormat.MetaFile);
        if (!files.Storage.FileExists(metaPath))
        {
            throw new EstreamStorageException(
                $"There is no byte map in '{files.Directory}': '{metaPath}' does not exist. Check the path, or start the writer that "
                + "creates it.",
                metaPath,
                StorageFailure.NotFound);
        }

        StateMap<nuint, nuint> index = StateMap.OpenReadOnly<nuint, nuint>(files.Directory, IndexOptions);
        try
        {
            ulong identity = index.Tables().Current.HashSeed;
            ByteMeta meta = ByteMeta.Open(source, identity, RegionAccess.ReadOnly, features);
            try
            {
                MapKeys? keys = OpenKeys(files, meta);
                return new OpenedBytes(index, meta, null, new HeapView(source, identity, keys), HashOf(meta, keys), source, keys);
            }
            catch
            {
                meta.Dispose();
                throw;
            }
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    public OpenedBytes CreateInMemory()
    {
        if (Options.Keys is not null)
        {
            throw new ArgumentException("A map in memory has no files that Keys could encrypt. Remove Keys, or open a directory.");
        }

        StateMap<nuint, nuint> index = StateMap.CreateInMemory<nuint, nuint>(IndexOptions, features: 0, feed: null);
        ulong identity = index.Tables().Current.HashSeed;
        ByteMeta meta = ByteMeta.Create(source, Options.Storage, identity, Options.Clock.UtcNanos, features);
        var view = new HeapView(reopened: null, identity, keys: null);
        var heap = new Heap(view, meta, source, keys: null, Options.SegmentBytes);
        return new OpenedBytes(index, meta, heap, view, meta.Hash(Options.HashMask), source, Keys: null);
    }

    private MapOptions IndexOptions => new()
    {
        InitialCapacity = Options.InitialCapacity, Storage = Options.Storage, Clock = Options.Clock, Prefault = Options.Prefault,
    };

    // Without bytes.meta there is no byte map: an index with entries belongs to another map.
    private ByteMeta CreateMeta(DirectorySource files, StateMap<nuint, nuint> index, out MapKeys? keys)
    {
        string path = files.Describe(HeapFormat.MetaFile);
        keys = null;
        if (index.Count > 0)
        {
            throw HeapErrors.Damaged(path, 0, "it does not exist, but the index next to it has entries");
        }

        Delete(files, name => name is HeapFormat.NewMetaFile or MapKeys.FileName || HeapFormat.TryReadSegmentFile(name, out _));
        ulong identity = index.Tables().Current.HashSeed;
        int sealing = Options.Keys is null ? 0 : ByteMetaLayout.FeatureSealed;
        ByteMeta meta = ByteMeta.Create(source, Options.Storage, identity, Options.Clock.UtcNanos, features | sealing);
        try
        {
            // The keys are durable before the file that needs them has its name.
            keys = Options.Keys is { } ring ? MapKeys.Create(files, identity, Options, ring, meta.HasStamps) : null;
            meta.Flush();
            files.SyncNames();
            files.Rename(HeapFormat.NewMetaFile, HeapFormat.MetaFile);
            files.SyncNames();
            return meta;
        }
        catch
        {
            keys?.Dispose();
            meta.Dispose();
            throw;
        }
    }

    private MapKeys? OpenKeys(DirectorySource files, ByteMeta meta)
    {
        if (meta.IsSealed != (Options.Keys is not null))
        {
            string path = files.Describe(meta.IsSealed ? MapKeys.FileName : HeapFormat.MetaFile);
            throw new EstreamKeyException(
                meta.IsSealed
                    ? $"The map '{files.Directory}' is encrypted, under keys in '{path}' that need a master key. Open it with "
                        + "ByteMapOptions.Keys (on the command line --key-file)."
                    : $"The map '{files.Directory}' is not encrypted, but keys were given. Only a new map can be encrypted: create one "
                        + "with Keys and copy the entries, or open this map without Keys.", path);
        }

        return Options.Keys is { } ring ? MapKeys.Open(files, meta.Identity, Options, ring, meta.HasStamps) : null;
    }

    private ByteHash HashOf(ByteMeta meta, MapKeys? keys) => keys?.Hash ?? meta.Hash(Options.HashMask);

    // The durable version may be lower than versions that readers have seen. The skipped range is larger than any writer can have assigned
    // since that version was durable. SignOn makes the new value durable before the first version above it is assigned.
    private static void NoteStamps(ByteMeta meta, bool isCutOff)
    {
        if (meta.HasStamps && (isCutOff || meta.HasHostCrashed))
        {
            meta.LastVersion += VersionsLeftOut;
        }
    }

    private void NoteFeed(ByteMeta meta)
    {
        meta.HasFeed = Options.Changes is not null;
        if (!meta.HasFeed)
        {
            meta.FeedIntent = 0;
        }
    }

    private static void OpenSegments(DirectorySource files, Heap heap, ByteMeta meta, MapKeys? keys, bool isCutOff)
    {
        Delete(files, HeapFormat.IsSpareFile);
        long next = Math.Max(1, meta.NextSegment);
        foreach (string name in files.Storage.ListFiles(files.Directory, ""))
        {
            if (!HeapFormat.TryReadSegmentFile(name, out long id))
            {
                continue;
            }

            next = Math.Max(next, id + 1);
            if (OpenSegment(files, heap.View.Identity, id, keys, isCutOff) is { } segment)
            {
                CheckWords(segment, isCutOff);
                bool isOpen = !isCutOff && id == meta.OpenSegment && !segment.IsSingle && segment.Room > 0
                    && segment.KeyGeneration == heap.KeyGeneration;
                heap.Adopt(segment, isOpen, isOnDevice: isCutOff || meta.WasClosed);
            }
            else
            {
                files.Delete(name);
            }
        }

        meta.NextSegment = next;
    }

    // A power cut can leave a file whose header was never written to the device. No block in it was flushed either.
    private static HeapSegment? OpenSegment(DirectorySource files, ulong identity, long id, MapKeys? keys, bool isCutOff)
    {
        string path = files.Describe(HeapFormat.SegmentFile(id));
        try
        {
            HeapSegment? segment = SegmentFile.TryOpen(files, id, identity, keys, RegionAccess.ReadWrite);
            return segment is null && !isCutOff
                ? throw HeapErrors.Damaged(path, SegmentLayout.Id, "the number in its header differs from the number in its name")
                : segment;
        }
        catch (EstreamCorruptionException) when (isCutOff)
        {
            return null;
        }
    }

    private static void CheckWords(HeapSegment segment, bool isCutOff)
    {
        bool isPossible = segment.Tail >= SegmentLayout.BlocksStart && segment.Room >= 0 && segment.Tail % BlockLayout.Alignment == 0;
        if (!isPossible && !isCutOff)
        {
            long tail = segment.Tail;
            segment.Memory.Dispose();
            throw HeapErrors.Damaged(segment.Path, SegmentLayout.Tail, $"its blocks cannot end at byte {tail}");
        }

        // The value is a hint. A wrong one may cost time; one outside of these limits would make the total meaningless.
        segment.LiveBytes = Math.Clamp(segment.LiveBytes, 0, segment.Capacity);
    }

    private static void Recover(HeapRecovery recovery, ByteMeta meta, bool isCutOff)
    {
        if (isCutOff)
        {
            meta.HasHostCrashed = true;
            recovery.Run();
        }
        else if (meta.IsCollisionsUnknown)
        {
            recovery.Count();
        }
    }

    private static void Delete(DirectorySource files, Func<string, bool> isMeant)
    {
        foreach (string name in files.Storage.ListFiles(files.Directory, "").Where(isMeant))
        {
            files.Delete(name);
        }
    }
}

/// <summary>The parts of an open byte map. The heap is null if the map was opened read-only.</summary>
internal sealed record OpenedBytes(StateMap<nuint, nuint> Index, ByteMeta Meta, Heap? Heap, HeapView View, ByteHash Hash,
    RegionSource Source, MapKeys? Keys);
