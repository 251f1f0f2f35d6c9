using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>How a <see cref="ByteMap"/> is made and kept. All have defaults that are safe to keep.</summary>
public sealed record ByteMapOptions
{
    /// <summary>Entries the index of a new map takes before it grows for the first time. Default 1024. Only a hint. Ignored where the map
    /// exists.</summary>
    public long InitialCapacity { get; init; } = 1024;

    /// <summary>
    /// The largest a file of values becomes, in bytes; files begin smaller, and a larger value has one of its own. Default 64 MiB; 4 KiB up
    /// to 1 GiB. A map has at most 16,384 such files, so this limits its size: 1 TiB at the default. It may be another at each opening.
    /// </summary>
    public long SegmentBytes { get; init; } = 64 << 20;

    /// <summary>Whether the pages of the index are taken from the system when it is made or opened, and not one by one at first use.
    /// Default false.</summary>
    public bool Prefault { get; init; }

    /// <summary>
    /// Who is told of every change, before it is made; <see langword="null"/>, the default: nobody. Files remember it: who writes to the
    /// map from then on has one, and who has none is refused, unless it says <see cref="GivesUpChanges"/>. Readers do not need it.
    /// </summary>
    public IChangeSink? Changes { get; init; }

    /// <summary>Whether a map whose changes were told is opened without <see cref="Changes"/> all the same, and has no feed any more; see
    /// <see cref="MapOptions.GivesUpChanges"/>. Default false.</summary>
    public bool GivesUpChanges { get; init; }

    /// <summary>Where the files are. Default: the file system. Tests put simulated storage here.</summary>
    public IStorage Storage { get; init; } = FileStorage.Instance;

    /// <summary>The clock that dates a new map, and says which entries of a <see cref="VersionedByteMap"/> have ended. Default: that of the
    /// machine.</summary>
    public IClock Clock { get; init; } = SystemClock.Instance;

    /// <summary>Which bits of the hash count: tests make keys collide by it.</summary>
    internal ulong HashMask { get; init; } = ulong.MaxValue;

    internal ByteMapOptions Validated()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(InitialCapacity);
        ArgumentOutOfRangeException.ThrowIfLessThan(SegmentBytes, HeapFormat.MinSegmentBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SegmentBytes, HeapFormat.MaxSegmentBytes);
        FeedState.RequireOneOption(Changes is not null, GivesUpChanges);
        return this;
    }
}
