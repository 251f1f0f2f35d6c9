using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Sessions;

namespace Estream.Wire.Mqtt.Internal.Serving;

// Saves and restores a subscriber.
internal sealed partial class Subscriber
{
    /// <summary>Writes the subscriptions. Takes no lock, because it is called while the store's lock is held.</summary>
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

    /// <summary>Writes the position in the relay and the in-flight messages.</summary>
    public void WriteWindow(RecordWriter writer)
    {
        writer.WriteInt64(Place.LastRead);
        Window.Write(writer);
    }

    /// <summary>Restores the subscriber of an earlier process, before the first client connects.</summary>
    /// <param name="stored">The stored session.</param>
    /// <param name="oldest">The oldest position in the relay. Messages before it were acknowledged, although that was not saved.</param>
    /// <param name="mayShare">Returns whether the client may still be a member of a shared subscription.</param>
    /// <returns>False if a limit no longer allows the subscriptions. Then the session must end, with its in-flight messages.</returns>
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
            // Send all retained messages again, because the store does not record which were sent.
            PrepareRetained(kept.Filter, puts: 0);
        }

        return true;
    }

    private OutEntry Restored(StoredDelivery kept, long oldest)
    {
        if (kept.RetainedTopic.Length > 0)
        {
            // The subscription of the retained message may no longer exist.
            Subscription? match = Array.Find(_subscriptions, subscription => TopicFilter.Matches(subscription.Filter, kept.RetainedTopic));
            Subscription own = match
                ?? new Subscription(kept.RetainedTopic, new SubscriptionOptions(kept.Qos, false, true, RetainHandling.Never), 0, 0);
            return new OutEntry(kept.Id, kept.Qos, kept.State, RelayPlace.Nothing, [own], kept.RetainedTopic);
        }

        // The session may have left the group since, but it still completes its in-flight messages.
        SharedSubscriptionGroup? group = kept.Group.Length == 0 ? null : groups.Find(kept.Group);
        SharedSubscription? shared = Array.Find(_shared, part => part.Group == group);
        long position = kept.Position >= oldest ? kept.Position : RelayPlace.Nothing;
        return new OutEntry(kept.Id, kept.Qos, kept.State, position, shared?.Alone ?? _subscriptions, Group: group);
    }
}
