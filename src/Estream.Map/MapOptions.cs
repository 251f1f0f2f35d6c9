using Estream.Core;

namespace Estream.Map;

/// <summary>How a <see cref="StateMap{TKey, TValue}"/> is made and kept. All have defaults that are safe to keep.</summary>
public sealed record MapOptions
{
    /// <summary>
    /// Entries a new map takes before it grows for the first time. Default 1024. Only a hint: growing is automatic, but a good guess saves
    /// writes the work of moving entries to ever larger tables, some 50 µs at a time. Ignored where the map exists.
    /// </summary>
    public long InitialCapacity { get; init; } = 1024;

    /// <summary>
    /// How many write to the map at the same time. Default <see cref="MapWriters.One"/>. All that have the map open for writing say the
    /// same. A map may be opened the one way today and the other way tomorrow; the first opening by <see cref="MapWriters.Many"/> of one
    /// whose values are larger than eight bytes copies it once.
    /// </summary>
    public MapWriters Writers { get; init; } = MapWriters.One;

    /// <summary>
    /// Whether the pages of a table are taken from the system when it is made or opened, and not one by one at first use. Default false.
    /// True makes opening and growing slower and the first accesses faster.
    /// </summary>
    public bool Prefault { get; init; }

    /// <summary>
    /// Who is told of every change, before it is made; <see langword="null"/>, the default: nobody. Readers do not need it. Files remember
    /// it: all who write to the map from then on have one, and who has none is refused, unless it says <see cref="GivesUpChanges"/>.
    /// </summary>
    public IChangeSink? Changes { get; init; }

    /// <summary>
    /// Whether a map whose changes were told to somebody is opened without <see cref="Changes"/> all the same, and has no feed any more.
    /// Default false. What is changed from then on is missing from what was told, also when there is a feed again later: who follows it
    /// begins with the map. Only where nobody else has the map open for writing.
    /// </summary>
    public bool GivesUpChanges { get; init; }

    /// <summary>Where the files are. Default: the file system. Tests put simulated storage here.</summary>
    public IStorage Storage { get; init; } = FileStorage.Instance;

    /// <summary>
    /// The clock that dates a new map, and says which entries of a <see cref="VersionedMap{TKey, TValue}"/> have ended and how long a
    /// writer has waited for another. Default: that of the machine.
    /// </summary>
    public IClock Clock { get; init; } = SystemClock.Instance;
}

/// <summary>How many write to a map at the same time; see <see cref="MapOptions.Writers"/>.</summary>
public enum MapWriters
{
    /// <summary>One object of one process, and one thread of it at a time. No atomic instruction, the fastest.</summary>
    One,

    /// <summary>
    /// Any number of processes, up to 256 threads at a time altogether. A write locks the stripe of its key, which costs about 20 ns more.
    /// The lock of a writer that was killed is taken over by the next one that wants it, and what it left half-written is taken back.
    /// </summary>
    Many,
}
