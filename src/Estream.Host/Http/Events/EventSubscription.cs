using System.Diagnostics.CodeAnalysis;

namespace Estream.Host.Http;

/// <summary>
/// One client's place in the hub, with what waits for it: a few events of each kind, the oldest of which goes when another comes. So
/// the last messages of a burst always arrive, however long nothing but figures follows. Thread-safe; one reader.
/// </summary>
internal sealed class EventSubscription(EventHub hub) : IDisposable
{
    /// <summary>Events of one kind: anything older is out of date anyway.</summary>
    public const int MaxWaitingOfAKind = 2;

    private readonly Lock _lock = new();
    private readonly Queue<byte[]>[] _waiting = [.. Enum.GetValues<EventKind>().Select(_ => new Queue<byte[]>(MaxWaitingOfAKind))];
    private readonly SemaphoreSlim _arrived = new(0, 1);

    public void Offer(EventKind kind, byte[] frame)
    {
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

/// <summary>What an event is about. A late event of one kind never pushes out one of the other.</summary>
internal enum EventKind
{
    /// <summary>The figures of the host; a newer one replaces an older one wholly.</summary>
    Overview,

    /// <summary>The newest messages since the event before.</summary>
    Messages,
}
