namespace Estream.Map;

/// <summary>The fill level and probe lengths of a map; see <see cref="StateMap{TKey, TValue}.GetStatistics"/>.</summary>
/// <param name="Entries">The number of entries.</param>
/// <param name="Slots">The number of slots; the map grows long before all are occupied.</param>
/// <param name="Bytes">The size of the tables in bytes.</param>
/// <param name="SlotsPerBucket">The number of slots in a bucket; a search reads whole buckets.</param>
/// <param name="Stripes">The number of stripes of the table, which migrate one by one.</param>
/// <param name="StripesMoved">The number of stripes migrated to the next table; 0 unless the map is growing or shrinking.</param>
/// <param name="EntriesAtHome">The number of entries that a search finds in the first bucket.</param>
/// <param name="MeanProbe">The mean number of buckets that a search for a present key reads.</param>
/// <param name="LongestProbe">The largest number of buckets that a search for a present key reads.</param>
/// <param name="Tombstones">Always 0: removal leaves no tombstones, see docs/decisions/0017.</param>
public sealed record MapStatistics(
    long Entries,
    long Slots,
    long Bytes,
    int SlotsPerBucket,
    long Stripes,
    long StripesMoved,
    long EntriesAtHome,
    double MeanProbe,
    int LongestProbe,
    long Tombstones)
{
    /// <summary>How often a writer took over locks of a dead writer.</summary>
    public long Takeovers { get; init; }

    /// <summary>The fraction of occupied slots, from 0 to 1.</summary>
    public double Load => Slots == 0 ? 0 : (double)Entries / Slots;
}
