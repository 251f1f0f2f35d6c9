using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Sessions;

namespace Estream.Wire.Mqtt.Internal.Serving;

// What is kept of it, and taken up again.
internal sealed partial class Subscriber
{
    /// <summary>Writes its subscriptions. Takes no lock: it is called within that of the store.</summary>
    public void WriteSubscriptions(RecordWriter writer)
    {
        Subscription[] subscriptions = _subscriptions;
        SharedSubscription[] shared = _shared;
        List<RetainedRun> runs = [.. _runs, .. _prepared];
        writer.WriteInt32(subscriptions.Length + shared.Length);
        foreach (Subscription subscription in subscriptions)
        {
            Write(writer, subscription.Filter, subscription,
                runs.Exists(run => run.Subscription.Filter.AsSpan().SequenceEqual(subscription.Filter)));
        }

        foreach (SharedSubscription part in shared)
        {
            Write(writer, part.Group.Name, part.Subscription, bringsRetained: false);
        }
    }

    /// <summary>Writes how far it has come in the relay, and what is under way.</summary>
    public void WriteWindow(RecordWriter writer)
    {
        writer.WriteInt64(Place.LastRead);
        Window.Write(writer);
    }

    /// <summary>Takes up what an earlier process has left; before the first client is there.</summary>
    /// <param name="stored">The session.</param>
    /// <param name="oldest">The oldest message there is: what is before it was answered, and the answer not noted any more.</param>
    /// <param name="mayShare">Whether it may still be a member of a shared subscription.</param>
    /// <returns>False when there may not be as many subscriptions any more: the session has to end, with what was under way.</returns>
    public bool TryRestore(StoredSession stored, long oldest, Func<byte[], bool> mayShare)
    {
        bool isWhole = TryRestoreSubscriptions(stored, mayShare);
        Place.Restore(stored.LastOwn);
        Window.Restore(
            [.. stored.UnderWay.Where(kept => kept.Position >= oldest || kept.State == OutState.Released)
                .Select(kept => Restored(kept, oldest))]);
        IsKept = true;
        return isWhole;
    }

    private static void Write(RecordWriter writer, byte[] filter, Subscription subscription, bool bringsRetained)
    {
        writer.WriteBytes(filter);
        writer.WriteByte(subscription.Options.ToByte());
        writer.WriteUInt32(subscription.Identifier);
        writer.WriteInt64(subscription.From);
        writer.WriteFlag(bringsRetained);
    }

    private bool TryRestoreSubscriptions(StoredSession stored, Func<byte[], bool> mayShare)
    {
        foreach (StoredSubscription kept in stored.Subscriptions)
        {
            SubscriptionOptions options = SubscriptionOptions.Of(kept.Options);
            bool isShared = TopicRules.IsShared(kept.Filter);
            if (isShared ? mayShare(kept.Filter) && !TryShare(kept.Filter, options, kept.Identifier) : !TrySubscribe(kept, options))
            {
                return false;
            }
        }

        return true;
    }

    private bool TrySubscribe(StoredSubscription kept, SubscriptionOptions options)
    {
        if (!TrySubscribe(kept.Filter, options, kept.Identifier, out _))
        {
            return false;
        }

        lock (_lock)
        {
            Subscription[] restored = [.. _subscriptions];
            int at = Find(kept.Filter);
            restored[at] = restored[at] with { From = kept.From };
            _subscriptions = restored;
        }

        if (kept.BringsRetained)
        {
            // From the beginning: which of them were sent is not kept.
            PrepareRetained(kept.Filter, puts: 0);
        }

        return true;
    }

    private OutEntry Restored(StoredDelivery kept, long oldest)
    {
        if (kept.RetainedTopic.Length > 0)
        {
            // It is for one subscription, which may be gone by now.
            Subscription? match = Array.Find(_subscriptions, subscription => TopicFilter.Matches(subscription.Filter, kept.RetainedTopic));
            Subscription own = match
                ?? new Subscription(kept.RetainedTopic, new SubscriptionOptions(kept.Qos, false, true, RetainHandling.Never), 0, 0);
            return new OutEntry(kept.Id, kept.Qos, kept.State, RelayPlace.Nothing, [own], kept.RetainedTopic);
        }

        // Of a group it may have left since: what it has begun is its own to finish all the same.
        SharedSubscriptionGroup? group = kept.Group.Length == 0 ? null : groups.Find(kept.Group);
        SharedSubscription? shared = Array.Find(_shared, part => part.Group == group);
        long position = kept.Position >= oldest ? kept.Position : RelayPlace.Nothing;
        return new OutEntry(kept.Id, kept.Qos, kept.State, position, shared?.Alone ?? _subscriptions, Group: group);
    }
}
