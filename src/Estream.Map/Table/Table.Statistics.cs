namespace Estream.Map.Internal;

internal sealed partial class Table<TKey, TValue>
{
    /// <summary>Adds the probes for the entries of one unit of the table, which is divided into equal units.</summary>
    public void CountProbes(long unit, long units, ref ProbeCount probes)
    {
        long buckets = Plan.BucketCount / units;
        for (long bucket = unit * buckets; bucket < (unit + 1) * buckets; bucket++)
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

/// <summary>Counts the buckets that searches read.</summary>
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
