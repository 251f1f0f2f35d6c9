namespace Estream.Circuits.Running;

/// <summary>A thread that looks whether there is something to do, as often as the look itself says, and when it is woken. It is there from
/// the first <see cref="Begin"/> on. Thread-safe.</summary>
/// <param name="name">What Linux shows of it: 15 characters.</param>
/// <param name="look">Looks, and says in how long to look again; <see cref="Timeout.InfiniteTimeSpan"/> for not before it is woken.</param>
internal sealed class PollingThread(string name, Func<TimeSpan> look) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly ManualResetEvent _stop = new(initialState: false);
    private readonly AutoResetEvent _wake = new(initialState: false);
    private Thread? _thread;
    private bool _isDisposed;

    /// <summary>There is something to do.</summary>
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

    /// <summary>Ends it behind the look it is at. Idempotent.</summary>
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
