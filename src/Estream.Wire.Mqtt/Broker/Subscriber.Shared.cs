using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal.Serving;

// Its parts in shared subscriptions.
internal sealed partial class Subscriber
{
    /// <summary>Makes the session a member of a shared subscription, or has it ask for something else of it.</summary>
    /// <param name="name">The whole filter, with the name of the group.</param>
    /// <param name="options">What is asked of it.</param>
    /// <param name="identifier">Its identifier; 0 for none.</param>
    /// <returns>False when there are as many as there may be.</returns>
    public bool TryShare(ReadOnlySpan<byte> name, SubscriptionOptions options, uint identifier)
    {
        lock (_lock)
        {
            int known = FindShared(name);
            if (known < 0 && (_isOver || !TryTakeRoom(name)))
            {
                return false;
            }

            // Whatever waits for the group is for each of its members.
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

    /// <summary>Gives up a part in a shared subscription. What is under way stays with the session.</summary>
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
