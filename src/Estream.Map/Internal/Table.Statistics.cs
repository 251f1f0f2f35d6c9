namespace Estream.Map.Internal;

internal sealed partial class Table<TKey, TValue>
{
    /// <summary>Adds the searches for the entries of a stripe.</summary>
    public void CountProbes(long stripe, ref ProbeCount probes)
    {
        for (long bucket = FirstBucketOf(stripe); bucket < FirstBucketOf(stripe + 1); bucket++)
        {
            for (int slot = 0; slot < SlotLayout<TKey, TValue>.SlotsPerBucket; slot++)
            {
                if (TryReadSlot(bucket, slot, out TKey key, out _))
                {
                    probes.Add((int)((bucket - HomeOf(in key)) & _stripeMask) + 1);
                }
            }
        }
    }
}

/// <summary>How many buckets searches look at.</summary>
internal struct ProbeCount
{
    public long Entries;
    public long AtHome;
    public long Buckets;
    public int Longest;

    public void Add(int buckets)
    {
        Entries++;
        AtHome += buckets == 1 ? 1 : 0;
        Buckets += buckets;
        Longest = Math.Max(Longest, buckets);
    }
}
