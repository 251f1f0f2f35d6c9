namespace Estream.Streams.Operators;

/// <summary>Creates the map entry of a result. Used on one thread.</summary>
internal abstract class EntryMaker<TResult, TKey, TValue>
    where TResult : allows ref struct
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>Describes the last result for which no entry could be created.</summary>
    public FailedResult LastFailure { get; protected set; }

    /// <summary>Creates only the key.</summary>
    /// <returns>False if the result has no key.</returns>
    public abstract bool TryKey(scoped in TResult result, out TKey key);

    /// <summary>Creates key and value.</summary>
    /// <returns>False if they cannot be created; <see cref="LastFailure"/> describes why.</returns>
    public abstract bool TryMake(scoped in TResult result, out TKey key, out TValue value);
}

/// <summary>Creates entries with delegates.</summary>
internal sealed class SelectedEntry<TResult, TKey, TValue>(EventSelector<TResult, TKey> keyOf, EventSelector<TResult, TValue> valueOf)
    : EntryMaker<TResult, TKey, TValue>
    where TResult : allows ref struct
    where TKey : unmanaged
    where TValue : unmanaged
{
    public override bool TryKey(scoped in TResult result, out TKey key)
    {
        key = keyOf(in result);
        return true;
    }

    public override bool TryMake(scoped in TResult result, out TKey key, out TValue value)
    {
        key = keyOf(in result);
        value = valueOf(in result);
        return true;
    }
}

/// <summary>Describes a result that cannot be created and is skipped.</summary>
/// <param name="Reason">Which result failed and why, in words that reveal no private data.</param>
/// <param name="Time">The time of the result's window or event, in nanoseconds since 1970 UTC.</param>
internal readonly record struct FailedResult(string Reason, long Time);
