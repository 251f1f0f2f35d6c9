using System.Collections.Concurrent;
using Estream.Queue;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// A pool of tailers of the relay. A session rents one for each read and holds none while it waits, so ten thousand sessions have only as
/// many tailers as are reading. Thread-safe.
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

    /// <summary>Disposes the idle tailers. A tailer left in an old segment would keep that segment and all later segments
    /// forever.</summary>
    public void Trim()
    {
        while (_idle.TryTake(out QueueTailer? tailer))
        {
            tailer.Dispose();
        }
    }
}
