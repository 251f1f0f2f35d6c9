namespace Estream.Map.Internal;

/// <summary>The internal form of <see cref="IEntryUpdate{TValue}"/>: it also handles versions and expired entries.</summary>
internal interface IEntryDecision<TValue>
    where TValue : unmanaged
{
    /// <summary>Whether stored entries get a version; otherwise <see cref="Decide"/> gets 0.</summary>
    static abstract bool TakesVersions { get; }

    /// <param name="isThere">Whether the map has the key.</param>
    /// <param name="value">The value; its content after the call is stored.</param>
    /// <param name="version">A version that no entry of this key ever had. Used up if the outcome is a put.</param>
    EntryOutcome Decide(bool isThere, ref TValue value, long version);
}

/// <summary>Tests whether an entry has to be removed, without a copy of the entry.</summary>
internal interface IEntryTest<TValue>
    where TValue : unmanaged
{
    bool IsOver(ref readonly TValue value);
}

/// <summary>A test that removes no entry.</summary>
internal readonly struct EveryEntry<TValue> : IEntryTest<TValue>
    where TValue : unmanaged
{
    public bool IsOver(ref readonly TValue value) => false;
}

/// <summary>The operation on an entry. The first three values equal the values of <see cref="EntryChange"/>.</summary>
internal enum EntryOutcome
{
    Keep = EntryChange.Keep,
    Put = EntryChange.Put,
    Remove = EntryChange.Remove,

    /// <summary>The entry is removed because it has expired.</summary>
    Expire = 3,
}

/// <summary>The location of an entry, or the start of its search.</summary>
internal readonly record struct EntryPlace(long Home, long Stripe, bool IsThere, long Bucket, int Slot);

/// <summary>Calls a user's <see cref="IEntryUpdate{TValue}"/>.</summary>
internal static class UpdateDecision
{
    public static EntryOutcome Of<TValue, TUpdate>(ref TUpdate update, bool isThere, ref TValue value)
        where TValue : unmanaged
        where TUpdate : struct, IEntryUpdate<TValue>
    {
        EntryChange change = update.Decide(isThere, ref value);
        return change is EntryChange.Keep or EntryChange.Put or EntryChange.Remove
            ? (EntryOutcome)change
            : throw new InvalidOperationException(
                $"{typeof(TUpdate)} returned {change}; it must return Keep, Put or Remove. Nothing was changed.");
    }
}
