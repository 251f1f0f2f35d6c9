namespace Estream.Map.Internal;

// The versions of entries are numbers of their stripe that only rise: a key is always in the stripe that its hash says, so its versions
// never repeat, whether it was removed meanwhile or not. They go where the entries go. docs/formats/map.md says why that holds for crashes.
internal sealed partial class Table<TKey, TValue>
{
    /// <summary>The highest version that was given in any stripe.</summary>
    public long HighestVersion
    {
        get
        {
            long highest = 0;
            for (long stripe = 0; stripe < StripeCount && _stripes.HasHeads; stripe++)
            {
                highest = Math.Max(highest, _stripes.VersionOf(stripe));
            }

            GC.KeepAlive(this);
            return highest;
        }
    }

    /// <summary>The last version that was given in a stripe; for its writer.</summary>
    public long VersionOf(long stripe) => _stripes.VersionOf(stripe);

    /// <summary>Notes that a version is used, before an entry has it: a kill in between wastes it.</summary>
    public void UseVersion(long stripe, long version) => _stripes.RaiseVersion(stripe, version);

    // Before the unit counts as moved: whoever writes to it then goes on behind the versions it had.
    private void CarryVersions(long unit, Table<TKey, TValue> target)
    {
        long units = UnitsTo(target);
        if (!_stripes.HasHeads)
        {
            return;
        }

        long highest = 0;
        long stripes = StripeCount / units;
        for (long stripe = unit * stripes; stripe < (unit + 1) * stripes; stripe++)
        {
            highest = Math.Max(highest, _stripes.VersionOf(stripe));
        }

        long targets = target.StripeCount / units;
        for (long stripe = unit * targets; stripe < (unit + 1) * targets && highest > 0; stripe++)
        {
            target._stripes.RaiseVersion(stripe, highest);
        }
    }
}
