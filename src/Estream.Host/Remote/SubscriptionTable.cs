using Estream.Client;
using Estream.Client.Protocol;

namespace Estream.Host.Remote;

/// <summary>A subscription of a client. Thread-safe.</summary>
internal interface IClientSubscription
{
    /// <summary>Lets the subscription send more bytes.</summary>
    void Grant(uint bytes);

    /// <summary>Stores that a message and all earlier ones are done.</summary>
    (ClientStatus Status, string Text) Commit(long position);

    /// <summary>Ends the subscription, and tells the client why unless the client asked. Completes when the subscription reads
    /// nothing any more.</summary>
    Task EndAsync(ClientStatus status, string text);

    /// <summary>Releases the cursor, if the subscription has one.</summary>
    Task LeaveAsync(CursorOwners owners);
}

/// <summary>The subscriptions of one connection by request id. Thread-safe.</summary>
internal sealed class SubscriptionTable
{
    private const int MaxSubscriptions = 64;

    // A subscription that is not open yet is null.
    private readonly Dictionary<uint, IClientSubscription?> _all = [];

    /// <summary>The open subscriptions.</summary>
    public IClientSubscription[] Open
    {
        get
        {
            lock (_all)
            {
                return [.. _all.Values.OfType<IClientSubscription>()];
            }
        }
    }

    public uint[] Ids
    {
        get
        {
            lock (_all)
            {
                return [.. _all.Keys];
            }
        }
    }

    /// <summary>Reserves the id of a request.</summary>
    /// <exception cref="RemoteRefusalException">There are too many subscriptions, or the id is in use.</exception>
    public void Reserve(FrameHeader header)
    {
        lock (_all)
        {
            if (_all.Count >= MaxSubscriptions)
            {
                throw new RemoteRefusalException(ClientStatus.LimitExceeded,
                    $"The connection has {MaxSubscriptions} subscriptions, its maximum. End one, or open another connection.");
            }

            if (!_all.TryAdd(header.Id, null))
            {
                throw RemoteRequests.Malformed(header);
            }
        }
    }

    public void Set(uint id, IClientSubscription subscription)
    {
        lock (_all)
        {
            _all[id] = subscription;
        }
    }

    public IClientSubscription? Find(uint id)
    {
        lock (_all)
        {
            return _all.GetValueOrDefault(id);
        }
    }

    /// <summary>Removes an id, and returns its subscription; null if there is none, or if it is not open yet.</summary>
    public IClientSubscription? Remove(uint id)
    {
        lock (_all)
        {
            _all.Remove(id, out IClientSubscription? removed);
            return removed;
        }
    }
}
