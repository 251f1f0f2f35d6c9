using Estream.Core;

namespace Estream.Map;

/// <summary>Options for creating and opening a <see cref="StateMap{TKey, TValue}"/>. All defaults are safe.</summary>
public sealed record MapOptions
{
    /// <summary>
    /// The number of entries a new map takes before it first grows. Default 1024. Only a hint: the map grows automatically, but a good
    /// guess avoids migrations to larger tables, which add about 50 µs to some writes. Ignored if the map exists.
    /// </summary>
    public long InitialCapacity { get; init; } = 1024;

    /// <summary>
    /// The number of concurrent writers. Default <see cref="MapWriters.One"/>. All processes that write to a map at the same time must use
    /// the same value. A map may be opened in either mode at different times; the first opening with <see cref="MapWriters.Many"/> copies
    /// the map once if its values are larger than eight bytes.
    /// </summary>
    public MapWriters Writers { get; init; } = MapWriters.One;

    /// <summary>
    /// Whether the pages of a table are populated when it is created or opened, instead of on first access. Default false. True makes
    /// opening and growing slower and first accesses faster.
    /// </summary>
    public bool Prefault { get; init; }

    /// <summary>
    /// The sink that receives every change before it is applied; <see langword="null"/>, the default, for none. Readers need no sink. The
    /// files record that the map has a feed: every later writer needs a sink and is refused without one, unless it sets <see
    /// cref="GivesUpChanges"/>.
    /// </summary>
    public IChangeSink? Changes { get; init; }

    /// <summary>
    /// Whether to open a map with a change feed without <see cref="Changes"/>, which ends the feed. Default false. Later changes are
    /// missing from the feed, even if a feed is started again: its consumers must then read the whole map first. Requires that no other
    /// process has the map open for writing.
    /// </summary>
    public bool GivesUpChanges { get; init; }

    /// <summary>
    /// Not supported: a map of fixed-size values cannot be encrypted, because readers compare its slots in place. Any value other than
    /// <see langword="null"/>, the default, is refused with an <see cref="ArgumentException"/>. Use a <see cref="ByteMap"/> with
    /// <see cref="ByteMapOptions.Keys"/>.
    /// </summary>
    public QueueKeyRing? Keys { get; init; }

    /// <summary>The storage of the files. Default: the file system. Tests pass simulated storage.</summary>
    public IStorage Storage { get; init; } = FileStorage.Instance;

    /// <summary>
    /// The clock that dates a new map, decides which entries of a <see cref="VersionedMap{TKey, TValue}"/> have expired, and measures how
    /// long a writer waits for another. Default: the system clock.
    /// </summary>
    public IClock Clock { get; init; } = SystemClock.Instance;
}

/// <summary>The number of concurrent writers of a map; see <see cref="MapOptions.Writers"/>.</summary>
public enum MapWriters
{
    /// <summary>One object in one process, used by one thread at a time. Needs no atomic instruction; the fastest mode.</summary>
    One,

    /// <summary>
    /// Any number of processes, with up to 256 threads at a time in total. A write locks the stripe of its key, which costs about 20 ns
    /// more. If a writer crashes, the next writer that needs its lock takes it over and rolls back the incomplete write.
    /// </summary>
    Many,
}
