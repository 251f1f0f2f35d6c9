using Estream.Core;
using Estream.Map;

namespace Estream.Streams.Operators.Keyed;

/// <summary>Writes results to a map. Results that are computed again after a crash are put again, which changes nothing.</summary>
internal sealed class MapOutput<TResult, TKey, TValue>(MapOrigin<TKey, TValue> origin, EntryMaker<TResult, TKey, TValue> entries)
    : Output<TResult>
    where TResult : allows ref struct
    where TKey : unmanaged
    where TValue : unmanaged
{
    private long _next;

    public override bool IsEmpty => origin.IsNew;

    public override ResultCount Results => origin.Results;

    public override bool Has(long made) => made == 0 || origin.IsConsistentUpTo(long.MaxValue);

    public override void GoTo(long made)
    {
        _next = made;
        if (!origin.IsConsistentUpTo(long.MaxValue))
        {
            origin.Clear();
        }
    }

    public override FailedResult LastFailure => entries.LastFailure;

    public override bool Push(scoped in TResult result)
    {
        if (!entries.TryMake(in result, out TKey itsKey, out TValue itsValue))
        {
            return false;
        }

        origin.Mark(++_next);
        origin.Put(in itsKey, in itsValue);
        return true;
    }

    public override void Replace(scoped in TResult former, scoped in TResult next)
    {
        // A former result without a key is not in the map. If the next result has no key, the former result is removed all the same,
        // because it is outdated.
        if (entries.TryKey(in former, out TKey formerKey)
            && !(entries.TryKey(in next, out TKey nextKey) && RawValue.AreEqual(in formerKey, in nextKey)))
        {
            origin.Map.Remove(in formerKey);
        }
    }

    public override void Flush()
    {
    }

    // Clears the map, because earlier results may have keys that no recomputed result replaces.
    public override long Renew()
    {
        origin.Clear();
        return 0;
    }

    public override void Retract() => origin.Clear();
}
