using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    /// <summary>
    /// Reads one entry and changes it in one step, which no other writer comes between: to add or to change what is there, to count up, to
    /// remove on a condition. A kill leaves the entry as it was or as it was to be. Costs about what <see cref="Put"/> costs, and the
    /// callback.
    /// </summary>
    /// <typeparam name="TUpdate">Decides what becomes of the entry.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="update">Is asked once, or again when the map first has to grow. What it keeps in its fields can be looked at
    /// afterwards.</param>
    /// <returns>What was done; <see cref="EntryChange.Keep"/> also where a key was to be removed that is not there.</returns>
    /// <exception cref="Core.EstreamStorageException">As for <see cref="Put"/>.</exception>
    /// <exception cref="Core.EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only, or the answer is none.</exception>
    public EntryChange Update<TUpdate>(in TKey key, ref TUpdate update)
        where TUpdate : struct, IEntryUpdate<TValue>
    {
        var decision = new UserDecision<TUpdate>(ref update);
        return (EntryChange)Change(in key, ref decision);
    }

    /// <summary>Looks at an entry and does with it what is decided, in one step.</summary>
    /// <returns>What was done.</returns>
    internal EntryOutcome Change<TDecision>(in TKey key, ref TDecision decision)
        where TDecision : struct, IEntryDecision<TValue>, allows ref struct =>
        _mover is null ? Many().Change(in key, ref decision) : ChangeAlone(in key, ref decision);

    private EntryOutcome ChangeAlone<TDecision>(in TKey key, ref TDecision decision)
        where TDecision : struct, IEntryDecision<TValue>, allows ref struct
    {
        Table<TKey, TValue> table = Writable(_mover!, in key);
        EntryPlace place = table.Locate(in key);
        EntryOutcome outcome = Ask(table, in place, ref decision, out TValue value, out long version);
        if (outcome == EntryOutcome.Put && !place.IsThere && _mover!.IsFull(table, place.Home))
        {
            table = _mover.MakeRoom(in key);
            place = table.Locate(in key);
        }

        Note(Perform(table, in place, in key, outcome, in value, version));
        return outcome;
    }

    // What the one writer counts.
    private void Note(int added)
    {
        if (added > 0)
        {
            _mover!.AfterInsert();
        }
        else if (added < 0)
        {
            _mover!.AfterRemove();
        }
    }

    private EntryOutcome Ask<TDecision>(Table<TKey, TValue> table, in EntryPlace place, ref TDecision decision, out TValue value, out long version)
        where TDecision : struct, IEntryDecision<TValue>, allows ref struct
    {
        value = place.IsThere ? table.ValueAt(place.Bucket, place.Slot) : default;
        version = TDecision.TakesVersions ? Math.Max(table.VersionOf(place.Stripe), _meta.VersionFloor) + 1 : 0;
        EntryOutcome outcome = decision.Decide(place.IsThere, ref value, version);
        return outcome == EntryOutcome.Put || place.IsThere ? outcome : EntryOutcome.Keep;
    }

    // By who alone may change the entry now.
    private int Perform(Table<TKey, TValue> table, in EntryPlace place, in TKey key, EntryOutcome outcome, in TValue value, long version)
    {
        if (version > 0 && outcome == EntryOutcome.Put)
        {
            table.UseVersion(place.Stripe, version);
        }

        int added = _feed is { } feed
            ? PerformTold(feed, table, in place, in key, outcome, in value)
            : table.Change(in place, in key, outcome, in value, isJournaled: _mover is not null);
        GC.KeepAlive(table);
        return added;
    }

    private readonly ref struct UserDecision<TUpdate>(ref TUpdate update) : IEntryDecision<TValue>
        where TUpdate : struct, IEntryUpdate<TValue>
    {
        private readonly ref TUpdate _update = ref update;

        public static bool TakesVersions => false;

        public EntryOutcome Decide(bool isThere, ref TValue value, long version) => UpdateDecision.Of(ref _update, isThere, ref value);
    }
}
