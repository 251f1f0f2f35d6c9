using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

// How a map with a change feed is written: each change is told first and made then, and what is told and not made, since a sink or the
// process failed in between, is put right by who comes next.
public sealed partial class StateMap<TKey, TValue>
{
    private readonly ChangeFeed<TKey, TValue>? _feed;

    private bool PutWithFeed(in TKey key, in TValue value)
    {
        var decision = new PutDecision(in value);
        Change(in key, ref decision);
        return !decision.WasThere;
    }

    private bool RemoveTold(TKey key)
    {
        RemoveDecision decision = default;
        return Change(in key, ref decision) == EntryOutcome.Remove;
    }

    private bool CompareExchangeTold(TKey key, in TValue expected, in TValue replacement)
    {
        var decision = new ExchangeDecision(in expected, in replacement);
        return Change(in key, ref decision) == EntryOutcome.Put;
    }

    private int PerformTold(ChangeFeed<TKey, TValue> feed, Table<TKey, TValue> table, in EntryPlace place, in TKey key, EntryOutcome outcome, in TValue value)
    {
        if (outcome == EntryOutcome.Keep)
        {
            return 0;
        }

        SettleOwed(table, place.Stripe);
        EntryPlace told = place.IsThere ? place : table.Reserve(in place, in key);
        table.Owe(in told);
        if (outcome == EntryOutcome.Put)
        {
            feed.Put(in key, in value);
        }
        else
        {
            feed.Remove(in key, outcome == EntryOutcome.Expire ? MapChangeKind.Expire : MapChangeKind.Remove);
        }

        int added = table.Change(in place, in key, outcome, in value, isJournaled: _mover is not null);
        table.ForgetOwed(place.Stripe);
        return added;
    }

    // Before anything else is told of the stripe, or it is moved to where nobody would find what it owes.
    private void SettleOwed(Table<TKey, TValue> table, long stripe)
    {
        if (_feed is not null && table.Owes(stripe))
        {
            _opener.Logs.Settle(table, stripe, _feed);
        }
    }

    private void SettleUnit(TablePair<TKey, TValue> tables, long unit)
    {
        long stripes = tables.Current.StripeCount / tables.Units;
        for (long stripe = unit * stripes; _feed is not null && stripe < (unit + 1) * stripes; stripe++)
        {
            SettleOwed(tables.Current, stripe);
        }
    }

    // The caller has the whole table to itself. What is owed is forgotten with the table, when the empty one takes its place.
    private void TellCleared(Table<TKey, TValue> table, Table<TKey, TValue> empty)
    {
        if (_feed is null)
        {
            return;
        }

        try
        {
            for (long stripe = 0; stripe < table.StripeCount; stripe++)
            {
                SettleOwed(table, stripe);
            }

            table.OweEverything();
            _feed.Clear();
        }
        catch
        {
            _opener.Abandon(empty);
            throw;
        }
    }

    private ref struct PutDecision(ref readonly TValue value) : IEntryDecision<TValue>
    {
        private readonly ref readonly TValue _value = ref value;

        public static bool TakesVersions => false;

        public bool WasThere { get; private set; }

        public EntryOutcome Decide(bool isThere, ref TValue value, long version)
        {
            WasThere = isThere;
            value = _value;
            return EntryOutcome.Put;
        }
    }

    private readonly struct RemoveDecision : IEntryDecision<TValue>
    {
        public static bool TakesVersions => false;

        public EntryOutcome Decide(bool isThere, ref TValue value, long version) => EntryOutcome.Remove;
    }

    private readonly ref struct ExchangeDecision(ref readonly TValue expected, ref readonly TValue replacement) : IEntryDecision<TValue>
    {
        private readonly ref readonly TValue _expected = ref expected;
        private readonly ref readonly TValue _replacement = ref replacement;

        public static bool TakesVersions => false;

        public EntryOutcome Decide(bool isThere, ref TValue value, long version)
        {
            if (!isThere || !RawValue.AreEqual(in value, in _expected))
            {
                return EntryOutcome.Keep;
            }

            value = _replacement;
            return EntryOutcome.Put;
        }
    }
}
