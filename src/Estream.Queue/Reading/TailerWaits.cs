namespace Estream.Queue.Internal;

/// <summary>
/// Who of this queue object waits for messages, so that closing it ends every wait before any memory is unmapped: threads inside a
/// blocking wait are counted, and the waits of asynchronous readers are kept by one <see cref="TailerListener"/>.
/// </summary>
internal sealed class TailerWaits(EstreamQueue queue) : IDisposable
{
    private readonly object _gate = new();
    private TailerListener? _listener;
    private int _blocked;
    private bool _isClosing;

    /// <summary>The thread that watches for those who await; started when the first one does.</summary>
    public TailerListener Listener
    {
        get
        {
            lock (_gate)
            {
                ThrowIfClosing();
                return _listener ??= new TailerListener(queue);
            }
        }
    }

    /// <summary>How many threads are inside a blocking wait.</summary>
    public int Blocked => Volatile.Read(ref _blocked);

    /// <summary>Begins a blocking wait. It has to look at <see cref="ThrowIfClosing"/> before each sleep.</summary>
    public void Enter()
    {
        lock (_gate)
        {
            ThrowIfClosing();
            _blocked++;
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            _blocked--;
            Monitor.PulseAll(_gate);
        }
    }

    /// <exception cref="ObjectDisposedException">The queue is being closed.</exception>
    public void ThrowIfClosing() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isClosing), typeof(EstreamQueue));

    /// <summary>Ends all waits, with an <see cref="ObjectDisposedException"/> where somebody waits, and returns when nobody does.</summary>
    public void Dispose()
    {
        TailerListener? listener;
        lock (_gate)
        {
            _isClosing = true;
            listener = _listener;
        }

        listener?.Close();
        queue.WakeSleepers();
        listener?.Dispose();
        lock (_gate)
        {
            while (_blocked > 0)
            {
                Monitor.Wait(_gate);
            }
        }
    }
}
