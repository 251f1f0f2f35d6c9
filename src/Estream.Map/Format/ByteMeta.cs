using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>The file bytes.meta: the features of the map, and the heap state.</summary>
internal sealed class ByteMeta : IDisposable
{
    private readonly MemoryRegion _region;
    private RegionSpan _span;

    private ByteMeta(MemoryRegion region)
    {
        _region = region;
        _span = region.All;
    }

    public ulong Identity => (ulong)_span.ReadInt64(ByteMetaLayout.Identity);

    public bool HasHostCrashed
    {
        get => _span.ReadInt64Acquire(ByteMetaLayout.HostCrashed) != 0;
        set => _span.WriteInt64Release(ByteMetaLayout.HostCrashed, value ? 1 : 0);
    }

    /// <summary>The number of the next segment. Changed before the number is used, so no number is used twice.</summary>
    public long NextSegment
    {
        get => _span.ReadInt64(ByteMetaLayout.NextSegment);
        set => _span.WriteInt64Release(ByteMetaLayout.NextSegment, value);
    }

    /// <summary>The segment that receives new blocks; 0 if none.</summary>
    public long OpenSegment
    {
        get => _span.ReadInt64(ByteMetaLayout.OpenSegment);
        set => _span.WriteInt64Release(ByteMetaLayout.OpenSegment, value);
    }

    /// <summary>Whether each value begins with a <see cref="Stamp"/>.</summary>
    public bool HasStamps => (_span.ReadInt32(ByteMetaLayout.Features) & ByteMetaLayout.FeatureStamps) != 0;

    /// <summary>Whether the entries are encrypted.</summary>
    public bool IsSealed => (_span.ReadInt32(ByteMetaLayout.Features) & ByteMetaLayout.FeatureSealed) != 0;

    /// <summary>The last version given. Changed before an entry has the version.</summary>
    public long LastVersion
    {
        get => _span.ReadInt64(ByteMetaLayout.LastVersion);
        set => _span.WriteInt64Release(ByteMetaLayout.LastVersion, value);
    }

    /// <summary>Whether there may be entries with an expiry.</summary>
    public bool HasExpiring
    {
        get => _span.ReadInt64(ByteMetaLayout.HasExpiring) != 0;
        set => _span.WriteInt64Release(ByteMetaLayout.HasExpiring, value ? 1 : 0);
    }

    /// <summary>Whether the map has a change feed, so that a writer without a feed must not write.</summary>
    public bool HasFeed
    {
        get => _span.ReadInt64(ByteMetaLayout.HasFeed) != 0;
        set => _span.WriteInt64Release(ByteMetaLayout.HasFeed, value ? 1 : 0);
    }

    /// <summary>The event that may have been published without its change; see <see cref="EntryStore.ClearFeedIntent"/>.</summary>
    public long FeedIntent
    {
        get => _span.ReadInt64(ByteMetaLayout.FeedIntent);
        set => _span.WriteInt64Release(ByteMetaLayout.FeedIntent, value);
    }

    public long LiveBytes => _span.ReadInt64Acquire(ByteMetaLayout.LiveBytes);

    public long HeapBytes => _span.ReadInt64Acquire(ByteMetaLayout.HeapBytes);

    public long SegmentCount => _span.ReadInt64Acquire(ByteMetaLayout.SegmentCount);

    public long Collisions => _span.ReadInt64Acquire(ByteMetaLayout.Collisions) >> 1;

    /// <summary>Whether the number of collisions is unknown, because a writer died while it changed the number.</summary>
    public bool IsCollisionsUnknown => (_span.ReadInt64(ByteMetaLayout.Collisions) & 1) != 0;

    public static ByteMeta Create(RegionSource source, IStorage storage, ulong identity, long createdTime, int features)
    {
        MemoryRegion region = source.Create(HeapFormat.NewMetaFile, ByteMetaLayout.Bytes);
        RegionSpan span = region.All;
        span.WriteInt64(ByteMetaLayout.Magic, HeapFormat.MetaMagic);
        span.WriteInt32(ByteMetaLayout.Version, HeapFormat.Version);
        span.WriteInt32(ByteMetaLayout.MetaBytes, ByteMetaLayout.Bytes);
        span.WriteInt32(ByteMetaLayout.Features, features);
        span.WriteInt32(ByteMetaLayout.HashKind, HeapFormat.HashKindSip13);
        if ((features & ByteMetaLayout.FeatureSealed) == 0)
        {
            storage.FillRandom(span.Span(ByteMetaLayout.HashKey, ByteHash.KeyBytes));
        }

        span.WriteInt64(ByteMetaLayout.Identity, (long)identity);
        span.WriteInt64(ByteMetaLayout.CreatedTime, createdTime);
        span.WriteInt64(ByteMetaLayout.NextSegment, 1);
        span.WriteInt32(ByteMetaLayout.Checksum, Checksum(span));
        return new ByteMeta(region);
    }

    public static ByteMeta Open(RegionSource source, ulong identity, RegionAccess access, int features)
    {
        string path = source.Describe(HeapFormat.MetaFile);
        MemoryRegion region = source.Open(HeapFormat.MetaFile, access);
        try
        {
            Validate(region.All, path, identity, features);
            return new ByteMeta(region);
        }
        catch
        {
            region.Dispose();
            throw;
        }
    }

    public ByteHash Hash(ulong mask) => new(_span.ReadOnlySpan(ByteMetaLayout.HashKey, ByteHash.KeyBytes), mask);

    public void SetCollisions(long count, bool isChanging) =>
        _span.WriteInt64Release(ByteMetaLayout.Collisions, (count << 1) | (isChanging ? 1L : 0));

    public void SetFigures(long liveBytes, long heapBytes, long segments)
    {
        SetLiveBytes(liveBytes);
        _span.WriteInt64Release(ByteMetaLayout.HeapBytes, heapBytes);
        _span.WriteInt64Release(ByteMetaLayout.SegmentCount, segments);
    }

    public void SetLiveBytes(long liveBytes) => _span.WriteInt64Release(ByteMetaLayout.LiveBytes, liveBytes);

    /// <summary>Whether the last writer closed the map, so that everything is durable.</summary>
    public bool WasClosed => _span.ReadInt64(ByteMetaLayout.WriterState) == 0;

    /// <summary>Whether the machine restarted after the last writer, and the device may have pages of different moments, because the writer
    /// had not closed the map or the device had refused a flush.</summary>
    /// <param name="boot">The current boot id.</param>
    /// <param name="isIndexSuspect">Whether the machine stopped under a writer of the index, or the device refused a flush of the
    /// index.</param>
    public bool WasCutOff(Guid boot, bool isIndexSuspect) =>
        (!WasClosed || HasHostCrashed || isIndexSuspect)
            && new Guid(_span.ReadOnlySpan(ByteMetaLayout.BootId, ByteMetaLayout.BootIdBytes)) != boot;

    /// <summary>Records that a writer has the map open. Durable before any of its changes can be.</summary>
    public void SignOn(Guid boot)
    {
        // Stores a different number each time: the kernel treats pages that the device refused as written, and would not write the same
        // bytes again.
        _span.WriteInt64(ByteMetaLayout.WriterEpoch, _span.ReadInt64(ByteMetaLayout.WriterEpoch) + 1);
        boot.TryWriteBytes(_span.Span(ByteMetaLayout.BootId, ByteMetaLayout.BootIdBytes));
        _span.WriteInt64Release(ByteMetaLayout.WriterState, 1);
        Flush();
    }

    /// <summary>Records that everything is durable.</summary>
    public void SignOff()
    {
        _span.WriteInt64Release(ByteMetaLayout.WriterState, 0);
        Flush();
    }

    public void Flush() => _region.Flush(0, _region.Length);

    public void Dispose()
    {
        _span = default;
        _region.Dispose();
    }

    private static void Validate(RegionSpan meta, string path, ulong identity, int features)
    {
        if (meta.Length < ByteMetaLayout.Bytes)
        {
            throw HeapErrors.Damaged(path, meta.Length, $"it has {meta.Length} bytes and needs {ByteMetaLayout.Bytes}");
        }

        if (meta.ReadInt64(ByteMetaLayout.Magic) != HeapFormat.MetaMagic)
        {
            throw HeapErrors.Damaged(path, ByteMetaLayout.Magic, "it does not start with the magic number of a byte map");
        }

        if (meta.ReadInt32(ByteMetaLayout.Version) is int version and not HeapFormat.Version)
        {
            throw HeapErrors.OtherVersion(path, version);
        }

        if (meta.ReadInt32(ByteMetaLayout.Checksum) != Checksum(meta))
        {
            throw HeapErrors.Damaged(path, ByteMetaLayout.Checksum, "the checksum of its header does not match");
        }

        int stored = meta.ReadInt32(ByteMetaLayout.Features);
        if ((stored & ~(ByteMetaLayout.FeatureStamps | ByteMetaLayout.FeatureSealed)) != 0
            || meta.ReadInt32(ByteMetaLayout.HashKind) != HeapFormat.HashKindSip13)
        {
            throw new EstreamFormatException(
                $"'{path}' uses features of a newer Estream (hash {meta.ReadInt32(ByteMetaLayout.HashKind)}, features "
                + $"{stored:X}). Open it with the version that wrote it, or a later one.",
                path);
        }

        int stamps = stored & ByteMetaLayout.FeatureStamps;
        if (stamps != features)
        {
            throw new EstreamFormatException(
                $"The values of '{path}' have "
                + $"{(stamps == 0 ? "no versions. Open it with ByteMap" : "versions. Open it with VersionedByteMap")}, as it was created.",
                        path);
        }

        if ((ulong)meta.ReadInt64(ByteMetaLayout.Identity) != identity)
        {
            throw HeapErrors.Damaged(path, ByteMetaLayout.Identity, "it belongs to another map than the index next to it");
        }
    }

    private static int Checksum(RegionSpan meta) => (int)Crc32C.Compute(meta.ReadOnlySpan(0, ByteMetaLayout.Checksum));
}
