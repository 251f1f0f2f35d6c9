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
