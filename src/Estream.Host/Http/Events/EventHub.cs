using System.Threading.Channels;

namespace Estream.Host.Http;

/// <summary>
/// Hands every event to every connected console. Each client has a short queue of its own; when it does not keep
/// up the oldest event in it is dropped, so a slow phone sees fewer updates and costs a fixed amount of memory.
/// Thread-safe.
/// </summary>
internal sealed class EventHub
{
    public const int MaxClientCount = 64;

    /// <summary>Two ticks of two events: anything older is out of date anyway.</summary>
    private const int MaxWaitingEvents = 4;

    private readonly Lock _lock = new();
    private readonly List<Channel<byte[]>> _clients = [];

    public int ClientCount
    {
        get
        {
            lock (_lock)
            {
                return _clients.Count;
            }
        }
    }

    /// <summary>Null when <see cref="MaxClientCount"/> clients are connected. Dispose to leave.</summary>
    public EventSubscription? TryJoin()
    {
        Channel<byte[]> channel = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxWaitingEvents)
        {
            FullMode = BoundedChannelFullMode.DropOldest,
            SingleReader = true,
        });
        lock (_lock)
        {
            if (_clients.Count >= MaxClientCount)
            {
                return null;
            }

            _clients.Add(channel);
        }

        return new EventSubscription(this, channel);
    }

    public void Publish(byte[] frame)
    {
        lock (_lock)
        {
            foreach (Channel<byte[]> client in _clients)
            {
                client.Writer.TryWrite(frame); // Never fails: a full channel drops its oldest event.
            }
        }
    }

    internal void Leave(Channel<byte[]> channel)
    {
        lock (_lock)
        {
            _clients.Remove(channel);
        }
    }
}
