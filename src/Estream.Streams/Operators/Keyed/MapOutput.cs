using Estream.Core;
using Estream.Map;

namespace Estream.Streams.Operators.Keyed;

/// <summary>Results in a map. Those that are made again after a kill are put again, which changes nothing.</summary>
internal sealed class MapOutput<TResult, TKey, TValue>(MapOrigin<TKey, TValue> origin, EventSelector<TResult, TKey> key, EventSelector<TResult, TValue> value) : Output<TResult>
    where TResult : allows ref struct
    where TKey : unmanaged
    where TValue : unmanaged
{
    private long _next;

    public override bool IsEmpty => origin.IsNew;

    public override ResultCount Results => origin.Results;

    public override bool Has(long made) => made == 0 || origin.IsWholeUpTo(long.MaxValue);

    public override void GoTo(long made)
    {
        _next = made;
        if (!origin.IsWholeUpTo(long.MaxValue))
        {
            origin.Clear();
        }
    }

    public override void Push(scoped in TResult result)
    {
        TKey itsKey = key(in result);
        TValue itsValue = value(in result);
        origin.Mark(++_next);
        origin.Put(in itsKey, in itsValue);
    }

    public override void Replace(scoped in TResult former, scoped in TResult next)
    {
        TKey formerKey = key(in former);
        TKey nextKey = key(in next);
        if (!RawValue.AreEqual(in formerKey, in nextKey))
        {
            origin.Map.Remove(in formerKey);
        }
    }

    public override void Flush()
    {
    }

    // Of other windows than those of now there may be keys that no result of now replaces.
    public override void Renew() => origin.Clear();

    public override void TakeBack() => origin.Clear();
}
