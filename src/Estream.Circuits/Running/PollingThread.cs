namespace Estream.Circuits.Running;

/// <summary>A thread that runs a poll at the interval the poll itself returns, and whenever it is woken. The thread is started by the first
/// <see cref="Begin"/>. Thread-safe.</summary>
/// <param name="name">The thread name; Linux shows 15 characters.</param>
/// <param name="look">The poll. It returns the time until the next poll; <see cref="Timeout.InfiniteTimeSpan"/> to wait until the thread
/// is woken.</param>
internal sealed class PollingThread(string name, Func<TimeSpan> look) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly ManualResetEvent _stop = new(initialState: false);
    private readonly AutoResetEvent _wake = new(initialState: false);
    private Thread? _thread;
    private bool _isDisposed;

    /// <summary>Starts or wakes the thread.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _ = _wake.Set();
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = name };
                _thread.Start();
            }
        }
    }

    /// <summary>Stops the thread after its current poll. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        Thread? thread;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            thread = _thread;
        }

        _ = _stop.Set();
        await Task.Run(() => thread?.Join()).ConfigureAwait(false);
        _stop.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        WaitHandle[] either = [_stop, _wake];
        while (WaitHandle.WaitAny(either, look()) != 0)
        {
        }
    }
}
