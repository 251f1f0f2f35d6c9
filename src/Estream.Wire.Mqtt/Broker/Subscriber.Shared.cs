using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal.Serving;

// Memberships in shared subscriptions.
internal sealed partial class Subscriber
{
    /// <summary>Makes the session a member of a shared subscription, or changes the options of its membership.</summary>
    /// <param name="name">The whole filter, including the name of the group.</param>
    /// <param name="options">The subscription options.</param>
    /// <param name="identifier">The Subscription Identifier; 0 for none.</param>
    /// <returns>False if a limit is reached.</returns>
    public bool TryShare(ReadOnlySpan<byte> name, SubscriptionOptions options, uint identifier)
    {
        lock (_lock)
        {
            int known = FindShared(name);
            if (known < 0 && (_isOver || !TryTakeRoom(name)))
            {
                return false;
            }

            // All pending messages of the group are for any member, so From is 0.
            byte[] filter = SharedSubscriptions.FilterOf(name).ToArray();
            SharedSubscription? shared =
                groups.Join(name, this, group => new SharedSubscription(group, new Subscription(filter, options, identifier, From: 0)));
            if (shared is null)
            {
                if (known < 0)
                {
                    index.Users.Remove(user);
                }

                return false;
            }

            SharedSubscription[] before = _shared;
            _shared = known < 0 ? [.. before, shared] : [.. before[..known], shared, .. before[(known + 1)..]];
            _usesGroups = true;
            Change();
            Ring();
            return true;
        }
    }

    /// <summary>Ends a membership in a shared subscription. Its in-flight messages stay with the session.</summary>
    private bool TryLeave(ReadOnlySpan<byte> name)
    {
        int known = FindShared(name);
        if (known < 0)
        {
            return false;
        }

        SharedSubscription[] before = _shared;
        _shared = [.. before[..known], .. before[(known + 1)..]];
        groups.Leave(before[known].Group, this);
        index.Users.Remove(user);
        Change();
        return true;
    }

    private int FindShared(ReadOnlySpan<byte> name)
    {
        SharedSubscription[] shared = _shared;
        for (int at = 0; at < shared.Length; at++)
        {
            if (name.SequenceEqual(shared[at].Group.Name))
            {
                return at;
            }
        }

        return -1;
    }
}
