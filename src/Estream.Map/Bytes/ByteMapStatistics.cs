namespace Estream.Map;

public sealed partial class ByteMap
{
    /// <summary>
    /// Measures the map. Goes through the index, at a few nanoseconds an entry. With a concurrent writer the figures do not belong to one
    /// moment. <see cref="ByteMapStatistics.LiveBytes"/> may be off by one block for each writer that crashed.
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

/// <summary>The space that a <see cref="ByteMap"/> takes; see <see cref="ByteMap.GetStatistics"/>.</summary>
/// <param name="Entries">The number of entries.</param>
/// <param name="LiveBytes">The bytes of keys and values in use, each pair with 16 bytes before it and rounded up to 8.</param>
/// <param name="HeapBytes">The space of the files for keys and values, including those kept for the next values.</param>
/// <param name="Segments">The number of files that hold keys and values.</param>
/// <param name="Collisions">The number of entries that share all 64 bits of their hash with another, not counting the first entry of each
/// hash. More than one in a thousand million is a sign of an attack.</param>
/// <param name="MovedBytes">The number of bytes that this writer has copied to reclaim space, since it opened the map. 0 for a
/// reader.</param>
/// <param name="Passes">The number of passes through the map to reclaim space. 0 for a reader.</param>
/// <param name="Index">The figures of the index.</param>
public sealed record ByteMapStatistics(
    long Entries,
    long LiveBytes,
    long HeapBytes,
    long Segments,
    long Collisions,
    long MovedBytes,
    long Passes,
    MapStatistics Index);
