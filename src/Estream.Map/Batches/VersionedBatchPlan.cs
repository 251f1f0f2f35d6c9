using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>The batch of a map with versions.</summary>
internal sealed class VersionedBatchPlan<TKey, TValue>(int capacity, ulong hashSeed, IClock clock)
    : BatchPlan<TKey, VersionedValue<TValue>>(capacity, hashSeed)
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly long[] _expected = new long[capacity];

    public void Put(in TKey key, in TValue value, long expiresAt)
    {
        int index = EntryOf(in key);
        Values[index].Value.Value = value;
        Values[index].Value.ExpiresAt = expiresAt;
        Ask(index, EntryOutcome.Put);
    }

    public void Remove(in TKey key) => Ask(EntryOf(in key), EntryOutcome.Remove);

    public void RequireVersion(in TKey key, long version) => _expected[EntryOf(in key)] = version;

    public override void UseVersions(Table<TKey, VersionedValue<TValue>> table)
    {
        for (int index = 0; index < Count; index++)
        {
            if (OutcomeOf(index) == EntryOutcome.Put)
            {
                table.UseVersion(StripeOf(index), Values[index].Value.Version);
            }
        }

        GC.KeepAlive(table);
    }

    protected override void Begin(int index) => _expected[index] = Stamp.AnyVersion;

    protected override bool TryDecide(
        int index, bool isThere, ref readonly VersionedValue<TValue> value, ref long version, ref EntryOutcome outcome)
    {
        var entry = new VersionedEntryState<TValue>(isThere, in value, clock);
        if (outcome == EntryOutcome.Put)
        {
            Values[index].Value.Version = ++version;
        }
        else if (!entry.IsThere)
        {
            outcome = entry.OutcomeIfNotStored;
        }

        return entry.Matches(_expected[index]);
    }
}
