namespace Estream.Map;

public sealed partial class ByteMap
{
    /// <summary>
    /// Measures the map as it is. Goes through the index, some nanoseconds an entry, and may run beside a writer: then the figures are
    /// those of no single moment. <see cref="ByteMapStatistics.LiveBytes"/> may be off by one block for each writer that was killed.
    /// </summary>
    /// <returns>The figures.</returns>
    public ByteMapStatistics GetStatistics()
    {
        MapStatistics index = Index.GetStatistics();
        return new ByteMapStatistics(
            index.Entries + _meta.Collisions,
            _meta.LiveBytes,
            _meta.HeapBytes,
            _meta.SegmentCount,
            _meta.Collisions,
            _compactor?.MovedBytes ?? 0,
            _compactor?.Passes ?? 0,
            index);
    }
}

/// <summary>How much room a <see cref="ByteMap"/> takes; see <see cref="ByteMap.GetStatistics"/>.</summary>
/// <param name="Entries">The number of entries.</param>
/// <param name="LiveBytes">Keys and values in use, with 16 bytes before each and rounded up to 8.</param>
/// <param name="HeapBytes">The space of the files that hold them, those kept for the next values included.</param>
/// <param name="Segments">How many files hold them.</param>
/// <param name="Collisions">How many entries share all 64 bits of their hash with another. More than one in a thousand million is a sign of
/// an attack.</param>
/// <param name="MovedBytes">What this writer has copied to make room usable again, since it opened the map. 0 for a reader.</param>
/// <param name="Passes">How often it went through the map for that. 0 for a reader.</param>
/// <param name="Index">The figures of the table that finds them.</param>
public sealed record ByteMapStatistics(
    long Entries,
    long LiveBytes,
    long HeapBytes,
    long Segments,
    long Collisions,
    long MovedBytes,
    long Passes,
    MapStatistics Index);
