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
        for (long stripe = 0; stripe < tables.Current.StripeCount; stripe++)
        {
            if (tables.Next is not null && tables.Current.IsMoved(stripe))
            {
                moved++;
            }
            else
            {
                tables.Current.CountProbes(stripe, ref probes);
            }
        }

        long units = tables.Next is null ? 0 : tables.Current.UnitsTo(tables.Next);
        for (long unit = 0; unit < units; unit++)
        {
            long stripes = tables.Next!.StripeCount / units;
            for (long stripe = unit * stripes; tables.Current.IsUnitMoved(unit, tables.Next) && stripe < (unit + 1) * stripes; stripe++)
            {
                tables.Next.CountProbes(stripe, ref probes);
            }
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
            Tombstones: 0);
    }
}
