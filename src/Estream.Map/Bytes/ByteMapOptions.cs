using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>Options for creating and opening a <see cref="ByteMap"/>. All defaults are safe.</summary>
public sealed record ByteMapOptions
{
    /// <summary>The number of entries the index of a new map takes before it first grows. Default 1024. Only a hint. Ignored if the map
    /// exists.</summary>
    public long InitialCapacity { get; init; } = 1024;

    /// <summary>
    /// The maximum size of a file of values, in bytes. Files begin smaller, and a larger value has a separate file. Default 64 MiB; 4 KiB
    /// to 1 GiB. A map has at most 16,384 such files, so this limits its size: 1 TiB at the default. It may differ at each opening.
    /// </summary>
    public long SegmentBytes { get; init; } = 64 << 20;

    /// <summary>Whether the pages of the index are populated when it is created or opened, instead of on first access. Default
    /// false.</summary>
    public bool Prefault { get; init; }

    /// <summary>
    /// The sink that receives every change before it is applied; <see langword="null"/>, the default, for none. Readers need no sink. The
    /// files record that the map has a feed: every later writer needs a sink and is refused without one, unless it sets <see
    /// cref="GivesUpChanges"/>.
    /// </summary>
    public IChangeSink? Changes { get; init; }

    /// <summary>Whether to open a map with a change feed without <see cref="Changes"/>, which ends the feed; see
    /// <see cref="MapOptions.GivesUpChanges"/>. Default false.</summary>
    public bool GivesUpChanges { get; init; }

    /// <summary>
    /// The master keys of an encrypted map; <see langword="null"/>, the default, for a plaintext map. A map that is created with keys
    /// encrypts the keys and values of its entries with AES-256-GCM in all its files. Each later opening needs keys. Opening an existing
    /// plaintext map with keys is refused. Every read of an entry, even of its key only, decrypts the whole entry. A thread keeps the
    /// memory of an entry above 1 MiB until it has copied the value or reads another entry. The ring must outlive the map.
    /// docs/guides/encryption.md lists what is not protected.
    /// </summary>
    public QueueKeyRing? Keys { get; init; }

    /// <summary>The storage of the files. Default: the file system. Tests pass simulated storage.</summary>
    public IStorage Storage { get; init; } = FileStorage.Instance;

    /// <summary>The clock that dates a new map, and decides which entries of a <see cref="VersionedByteMap"/> have expired. Default: the
    /// system clock.</summary>
    public IClock Clock { get; init; } = SystemClock.Instance;

    /// <summary>The bits of the hash that are used. Tests set it to make keys collide.</summary>
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
