namespace Estream.Streams.Operators;

/// <summary>Makes the entry of a map that a result becomes. One thread.</summary>
internal abstract class EntryMaker<TResult, TKey, TValue>
    where TResult : allows ref struct
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>What is said of the last result of which no entry could be made.</summary>
    public FailedResult LastFailure { get; protected set; }

    /// <summary>Makes the key alone.</summary>
    /// <returns>False when there is none.</returns>
    public abstract bool TryKey(scoped in TResult result, out TKey key);

    /// <summary>Makes key and value.</summary>
    /// <returns>False when they cannot be made, and <see cref="LastFailure"/> says why.</returns>
    public abstract bool TryMake(scoped in TResult result, out TKey key, out TValue value);
}

/// <summary>Entries that delegates make.</summary>
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

/// <summary>A result that cannot be made and is left out, as far as anything is said of it.</summary>
/// <param name="Reason">Which one, and why, in words that hold nothing private.</param>
/// <param name="Time">The time of what it is of, in nanoseconds since 1970 UTC.</param>
internal readonly record struct FailedResult(string Reason, long Time);
