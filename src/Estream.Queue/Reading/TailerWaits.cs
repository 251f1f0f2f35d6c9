namespace Estream.Queue.Internal;

/// <summary>
/// The waiters of a queue object, so that disposing the queue ends every wait before any segment is unmapped. Counts threads in blocking
/// waits; a <see cref="TailerListener"/> keeps the asynchronous waits.
/// </summary>
internal sealed class TailerWaits(EstreamQueue queue) : IDisposable
{
    private readonly object _gate = new();
    private TailerListener? _listener;
    private int _blocked;
    private bool _isClosing;

    /// <summary>The thread that serves asynchronous waits; started with the first one.</summary>
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

    /// <summary>The number of threads in a blocking wait.</summary>
    public int Blocked => Volatile.Read(ref _blocked);

    /// <summary>Starts a blocking wait. The caller checks <see cref="ThrowIfClosing"/> before each sleep.</summary>
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

    /// <exception cref="ObjectDisposedException">The queue is being disposed.</exception>
    public void ThrowIfClosing() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isClosing), typeof(EstreamQueue));

    /// <summary>Ends all waits with an <see cref="ObjectDisposedException"/>, and returns when no thread waits.</summary>
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
