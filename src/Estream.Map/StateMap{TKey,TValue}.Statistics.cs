using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    /// <summary>
    /// Measures the map as it is. Goes through all entries, some nanoseconds each, and may run beside a writer: then the figures are those
    /// of no single moment.
    /// </summary>
    /// <returns>The figures.</returns>
    public MapStatistics GetStatistics()
    {
        TablePair<TKey, TValue> tables = Tables();
        var probes = default(ProbeCount);
        long moved = 0;
        long units = tables.Units;
        for (long unit = 0; unit < units; unit++)
        {
            Table<TKey, TValue> holder = tables.HolderOfUnit(unit);
            moved += holder == tables.Next ? tables.Current.StripeCount / units : 0;
            holder.CountProbes(unit, units, ref probes);
        }

        return new MapStatistics(
            probes.Entries,
            (tables.Next ?? tables.Current).Plan.BucketCount * SlotLayout<TKey, TValue>.SlotsPerBucket,
            tables.Current.Plan.FileBytes + (tables.Next?.Plan.FileBytes ?? 0),
            SlotLayout<TKey, TValue>.SlotsPerBucket,
            tables.Current.StripeCount,
            moved,
            probes.AtHome,
            probes.Entries == 0 ? 0 : (double)probes.Buckets / probes.Entries,
            probes.Longest,
            Tombstones: 0)
        {
            Takeovers = _meta.Takeovers,
        };
    }
}
