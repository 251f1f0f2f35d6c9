namespace Estream.Map.Internal;

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
            : throw new InvalidOperationException($"{typeof(TUpdate)} answered {change}; what can become of an entry is Keep, Put or Remove. Nothing was changed.");
    }
}
