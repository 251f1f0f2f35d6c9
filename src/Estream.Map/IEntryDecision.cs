namespace Estream.Map.Internal;

/// <summary>What <see cref="IEntryUpdate{TValue}"/> is for users, for the map itself: it knows versions, and entries whose time is
/// over.</summary>
internal interface IEntryDecision<TValue>
    where TValue : unmanaged
{
    /// <summary>Whether an entry that is stored gets a version; otherwise <see cref="Decide"/> gets 0.</summary>
    static abstract bool TakesVersions { get; }

    /// <param name="isThere">Whether the key is there.</param>
    /// <param name="value">Its value; what it is afterwards is stored.</param>
    /// <param name="version">A version that no entry of this key ever had. It is used up when the answer is to put.</param>
    EntryOutcome Decide(bool isThere, ref TValue value, long version);
}

/// <summary>Looks whether an entry has to go, without a copy of it.</summary>
internal interface IEntryTest<TValue>
    where TValue : unmanaged
{
    bool IsOver(ref readonly TValue value);
}

/// <summary>No entry has to go.</summary>
internal readonly struct EveryEntry<TValue> : IEntryTest<TValue>
    where TValue : unmanaged
{
    public bool IsOver(ref readonly TValue value) => false;
}

/// <summary>What is done with an entry. The first three are those of <see cref="EntryChange"/>.</summary>
internal enum EntryOutcome
{
    Keep = EntryChange.Keep,
    Put = EntryChange.Put,
    Remove = EntryChange.Remove,

    /// <summary>It goes because its time is over.</summary>
    Expire = 3,
}

/// <summary>Where an entry is, or where its search begins.</summary>
internal readonly record struct EntryPlace(long Home, long Stripe, bool IsThere, long Bucket, int Slot);

/// <summary>Asks a user's <see cref="IEntryUpdate{TValue}"/> what becomes of an entry.</summary>
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
                $"{typeof(TUpdate)} answered {change}; what can become of an entry is Keep, Put or Remove. Nothing was changed.");
    }
}
