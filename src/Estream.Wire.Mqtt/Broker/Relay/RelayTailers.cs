using System.Collections.Concurrent;
using Estream.Queue;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// Readers of the relay, lent for one look at it: sessions that wait need none, so ten thousand of them have no more readers than there
/// are at work. Thread-safe.
/// </summary>
internal sealed class RelayTailers(EstreamQueue queue)
{
    private readonly ConcurrentBag<QueueTailer> _idle = [];

    public QueueTailer Rent()
    {
        return _idle.TryTake(out QueueTailer? tailer) ? tailer : queue.CreateTailer();
    }

    public void Return(QueueTailer tailer)
    {
        _idle.Add(tailer);
    }

    /// <summary>Gives up those nobody needs now: one left behind in an old segment would keep it, and all behind it, for ever.</summary>
    public void Trim()
    {
        while (_idle.TryTake(out QueueTailer? tailer))
        {
            tailer.Dispose();
        }
    }
}
