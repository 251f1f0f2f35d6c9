namespace Estream.Map;

/// <summary>How full a map is and how long its searches are; see <see cref="StateMap{TKey, TValue}.GetStatistics"/>.</summary>
/// <param name="Entries">The number of entries.</param>
/// <param name="Slots">The number of entries there are places for; the map grows long before all are taken.</param>
/// <param name="Bytes">The memory of the tables.</param>
/// <param name="SlotsPerBucket">How many entries share a bucket, which is one look at memory.</param>
/// <param name="Stripes">How many parts of the table are moved on their own.</param>
/// <param name="StripesMoved">How many of them have been moved to the next table; 0 when the map is not growing or shrinking.</param>
/// <param name="EntriesAtHome">The number of entries a search finds in the first bucket.</param>
/// <param name="MeanProbe">How many buckets the search for a present key looks at, on average.</param>
/// <param name="LongestProbe">The same for the key with the longest search.</param>
/// <param name="Tombstones">Always 0: what is removed leaves nothing behind, see docs/decisions/0028.</param>
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
    /// <summary>How often one of several writers found another one dead and took over what it had locked.</summary>
    public long Takeovers { get; init; }

    /// <summary>The part of the slots that is taken, 0 to 1.</summary>
    public double Load => Slots == 0 ? 0 : (double)Entries / Slots;
}
