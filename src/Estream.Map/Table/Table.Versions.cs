namespace Estream.Map.Internal;

// The versions of a stripe only increase. A key is always in the stripe of its hash, so its versions never repeat, even if the key was
// removed meanwhile. Versions migrate with the entries. docs/formats/map.md explains why this also holds after crashes.
internal sealed partial class Table<TKey, TValue>
{
    /// <summary>The highest version given in any stripe.</summary>
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

    /// <summary>The last version given in a stripe. Only the writer of the stripe may call this.</summary>
    public long VersionOf(long stripe) => _stripes.VersionOf(stripe);

    /// <summary>Records a version as used, before an entry has it. A crash in between skips the version.</summary>
    public void UseVersion(long stripe, long version) => _stripes.RaiseVersion(stripe, version);

    // Called before the unit is marked as migrated, so that later writes to the unit continue after the versions it had.
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
