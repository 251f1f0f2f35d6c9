using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Estream.Host.Http;

/// <summary>
/// The subscription of one client with its queue: a few events of each kind, of which the oldest is dropped when a new one arrives. Limits
/// per kind ensure that the last messages of a burst always arrive, even if many overview events follow. Thread-safe; one reader.
/// </summary>
internal sealed class EventSubscription(EventHub hub, bool readsMessages) : IDisposable
{
    /// <summary>The maximum number of queued events of one kind; older events are obsolete.</summary>
    public const int MaxWaitingOfAKind = 2;

    private readonly Lock _lock = new();
    private readonly Queue<byte[]>[] _waiting = [.. Enum.GetValues<EventKind>().Select(_ => new Queue<byte[]>(MaxWaitingOfAKind))];
    private readonly SemaphoreSlim _arrived = new(0, 1);

    /// <summary>The name of the identity of the client.</summary>
    public required string Identity { get; init; }

    /// <summary>The address or /64 network that counts the client for the limit; null if the address is not known.</summary>
    public required IPAddress? Address { get; init; }

    /// <summary>Whether the client receives <see cref="EventKind.Messages"/>.</summary>
    public bool ReadsMessages => readsMessages;

    public void Offer(EventKind kind, byte[] frame)
    {
        if (kind == EventKind.Messages && !readsMessages)
        {
            return;
        }

        lock (_lock)
        {
            Queue<byte[]> waiting = _waiting[(int)kind];
            if (waiting.Count == MaxWaitingOfAKind)
            {
                waiting.Dequeue();
            }

            waiting.Enqueue(frame);
            if (_arrived.CurrentCount == 0)
            {
                _arrived.Release();
            }
        }
    }

    public bool TryTake([NotNullWhen(true)] out byte[]? frame)
    {
        lock (_lock)
        {
            foreach (Queue<byte[]> waiting in _waiting)
            {
                if (waiting.TryDequeue(out frame))
                {
                    return true;
                }
            }
        }

        frame = null;
        return false;
    }

    /// <summary>Returns when something may have arrived since the last call.</summary>
    public Task WaitAsync(CancellationToken cancellation) => _arrived.WaitAsync(cancellation);

    public void Dispose() => hub.Leave(this);
}

/// <summary>The kinds of events. An event never displaces an event of another kind.</summary>
internal enum EventKind
{
    /// <summary>The state of the host; a newer event replaces an older one completely.</summary>
    Overview,

    /// <summary>The newest messages since the previous event.</summary>
    Messages,

    /// <summary>The tag of the installed widgets, sent after a change.</summary>
    Widgets,
}
