namespace Estream.Net.Multicast.Internal;

/// <summary>A receiver that has returned the cookie of its address.</summary>
internal sealed class Receiver
{
    public ulong Id;
    public PacketAddress Address;
    public long LastHeard;
    public long Cookie;
    public bool IsCatchingUp;
    public long EndAddress;
    public long WindowBytes;
    public long Tag;

    /// <summary>The first address of its last direct request, and when that arrived; -1 before the first one.</summary>
    public long AskedFrom = -1;
    public long AskedAt;

    /// <summary>The congestion window of what is sent to this receiver alone; null if the publisher has none.</summary>
    public CongestionWindow? CatchUp;
    public required TokenBucket Naks;
    public required TokenBucket Bytes;
}

/// <summary>The receivers of a publisher, a bounded number of them. Not thread-safe; allocates only for a new receiver.</summary>
internal sealed class ReceiverTable(MulticastPublisherOptions options)
{
    private const int InitialPackets = 10;
    private const long LargestWindow = 1L << 30;

    private readonly Receiver?[] _receivers = new Receiver?[options.MaxReceivers];
    private readonly long _timeout = options.ReceiverTimeout.Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>The receivers; null where there is none.</summary>
    public ReadOnlySpan<Receiver?> All => _receivers;

    public int Count { get; private set; }

    /// <summary>Receivers that were refused because the table was full.</summary>
    public long Refused { get; private set; }

    public Receiver? Find(ulong id)
    {
        foreach (Receiver? receiver in _receivers)
        {
            if (receiver?.Id == id)
            {
                return receiver;
            }
        }

        return null;
    }

    /// <summary>Finds or adds a receiver.</summary>
    /// <param name="id">The sender id.</param>
    /// <param name="address">The source address of the packet, proven by a cookie.</param>
    /// <param name="isAuthentic">Whether the packet was authenticated. Otherwise the address of a known receiver stays: a forged status
    /// must not redirect what the receiver gets.</param>
    /// <param name="now">The monotonic time.</param>
    /// <returns>Null if there is no place.</returns>
    public Receiver? Touch(ulong id, in PacketAddress address, bool isAuthentic, long now)
    {
        Receiver? receiver = Find(id);
        if (receiver is null)
        {
            int free = Array.IndexOf(_receivers, null);
            if (free < 0)
            {
                Refused++;
                return null;
            }

            receiver = new Receiver
            {
                Id = id,
                Address = address,
                CatchUp = options.UseCongestionWindow
                    ? new CongestionWindow(options.MaxPacketBytes, InitialPackets, LargestWindow)
                    : null,
                Naks = new TokenBucket(options.NaksPerSecond, options.NaksPerSecond),
                Bytes = new TokenBucket(options.RetransmitBytesPerSecond, options.RetransmitBytesPerSecond / 10d),
            };
            _receivers[free] = receiver;
            Count++;
        }

        if (isAuthentic)
        {
            receiver.Address = address;
        }
        else if (receiver.Address != address)
        {
            return null;
        }

        receiver.LastHeard = now;
        return receiver;
    }

    /// <summary>Whether a receiver was silent too long.</summary>
    public bool IsExpired(Receiver receiver, long now) => now - receiver.LastHeard > _timeout;

    /// <summary>Removes receivers that were silent too long.</summary>
    public void Expire(long now)
    {
        for (int index = 0; index < _receivers.Length; index++)
        {
            if (_receivers[index] is { } receiver && IsExpired(receiver, now))
            {
                _receivers[index] = null;
                Count--;
            }
        }
    }
}
