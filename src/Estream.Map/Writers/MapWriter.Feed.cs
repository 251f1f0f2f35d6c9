using Estream.Core;

namespace Estream.Map.Internal;

// Writes to a map with a change feed. Each change is published first and applied second. The next writer of the stripe repairs a change
// that was published and not applied, because the sink or the process failed in between.
internal abstract partial class MapWriter<TKey, TValue>
{
    protected bool PutWithFeed(in TKey key, in TValue value)
    {
        var decision = new PutDecision(in value);
        Change(in key, ref decision);
        return !decision.WasThere;
    }

    protected bool RemoveWithFeed(in TKey key)
    {
        RemoveDecision decision = default;
        return Change(in key, ref decision) == EntryOutcome.Remove;
    }

    protected bool CompareExchangeWithFeed(in TKey key, in TValue expected, in TValue replacement)
    {
        var decision = new ExchangeDecision(in expected, in replacement);
        return Change(in key, ref decision) == EntryOutcome.Put;
    }

    private int PerformWithFeed(
        ChangeFeed<TKey, TValue> feed, Table<TKey, TValue> table, in EntryPlace place, in TKey key, EntryOutcome outcome, in TValue value)
    {
        if (outcome == EntryOutcome.Keep)
        {
            return 0;
        }

        ResolveFeedIntent(table, place.Stripe);
        EntryPlace intended = place.IsThere ? place : table.Reserve(in place, in key);
        table.SetFeedIntent(in intended);
        if (outcome == EntryOutcome.Put)
        {
            feed.Put(in key, in value);
        }
        else
        {
            feed.Remove(in key, outcome == EntryOutcome.Expire ? MapChangeKind.Expire : MapChangeKind.Remove);
        }

        int added = table.Change(in place, in key, outcome, in value, isJournaled);
        table.ClearFeedIntent(place.Stripe);
        return added;
    }

    // Called before another event of the stripe is published, and before a migration that would lose the intent.
    protected void ResolveFeedIntent(Table<TKey, TValue> table, long stripe)
    {
        if (Feed is not null && table.HasFeedIntent(stripe))
        {
            Opener.Logs.ResolveFeedIntent(table, stripe, Feed);
        }
    }

    protected void ResolveFeedIntentsOfUnit(TablePair<TKey, TValue> tables, long unit)
    {
        long stripes = tables.Current.StripeCount / tables.Units;
        for (long stripe = unit * stripes; Feed is not null && stripe < (unit + 1) * stripes; stripe++)
        {
            ResolveFeedIntent(tables.Current, stripe);
        }
    }

    // The caller has exclusive access to the table. The feed intents end with the table, when the empty one replaces it.
    protected void PublishClear(Table<TKey, TValue> table, Table<TKey, TValue> empty)
    {
        if (Feed is null)
        {
            return;
        }

        try
        {
            for (long stripe = 0; stripe < table.StripeCount; stripe++)
            {
                ResolveFeedIntent(table, stripe);
            }

            table.SetFeedIntentOfAll();
            Feed.Clear();
        }
        catch
        {
            Opener.Abandon(empty);
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
