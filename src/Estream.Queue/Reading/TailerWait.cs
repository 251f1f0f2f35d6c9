using System.Threading.Tasks.Sources;

namespace Estream.Queue.Internal;

/// <summary>
/// An asynchronous wait of one tailer, reused for all its waits, so waiting allocates nothing. The thread that removes it from the list of
/// the listener completes it.
/// </summary>
internal sealed class TailerWait(EstreamQueue queue, QueueTailer tailer) : IValueTaskSource<bool>
{
    private static readonly Action<object?> s_cancel = static wait => ((TailerWait)wait!).Cancel();

    // Continuations never run on the thread of the listener or under its gate.
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellation;
    private TailerListener? _listener;
    private long _begun;
    private long _end;

    /// <summary>Starts a wait. The previous one has ended, and its result was taken.</summary>
    /// <param name="end">The end of the timeout on the monotonic clock.</param>
    /// <param name="cancellation">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>Whether the wait is pending; if not, <see cref="QueueTailer.CanRead"/> gives the result.</returns>
    public bool TryBegin(long end, CancellationToken cancellation)
    {
        _core.Reset();
        _listener ??= queue.Waits.Listener;
        (_begun, _end, _cancellation) = (queue.Clock.MonotonicNanos, end, cancellation);

        // Registered before the wait is in the list, so the wait cannot end first. A late cancellation of an earlier wait does not
        // cancel this wait, because Cancel checks the token of this wait.
        _registration = cancellation.UnsafeRegister(s_cancel, this);
        bool isPending = false;
        try
        {
            isPending = _listener.TryAdd(this);
            return isPending;
        }
        finally
        {
            if (!isPending)
            {
                _registration.Unregister();
            }
        }
    }

    /// <summary>The token of the current wait for its awaiters.</summary>
    public short Token => _core.Version;

    /// <summary>Whether the wait can complete.</summary>
    /// <exception cref="OperationCanceledException">The wait is cancelled.</exception>
    public bool IsOver()
    {
        _cancellation.ThrowIfCancellationRequested();
        return tailer.CanRead() || queue.Clock.MonotonicNanos >= _end;
    }

    /// <summary>The latest time of the next check on the monotonic clock.</summary>
    public long LatestLook()
    {
        long now = queue.Clock.MonotonicNanos;
        return Math.Min(_end, now + tailer.LongestSleepNanos(now - _begun));
    }

    /// <summary>Completes the wait if there is a message or an error, or if the timeout has passed.</summary>
    public bool TryEnd()
    {
        try
        {
            bool canRead = tailer.CanRead();
            if (!canRead && queue.Clock.MonotonicNanos < _end)
            {
                return false;
            }

            _core.SetResult(canRead);
        }
        catch (Exception error)
        {
            // Any exception that a read would throw belongs to the reader.
            _core.SetException(error);
        }

        return true;
    }

    public void End(Exception error) => _core.SetException(error);

    /// <summary>Completes the wait because the tailer is disposed.</summary>
    public void Close()
    {
        if (_listener is not null && _listener.TryRemove(this, static _ => true))
        {
            End(new ObjectDisposedException(nameof(QueueTailer)));
        }
    }

    /// <inheritdoc/>
    public bool GetResult(short token)
    {
        _registration.Unregister();
        return _core.GetResult(token);
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Cancel()
    {
        if (_listener!.TryRemove(this, static wait => wait._cancellation.IsCancellationRequested))
        {
            End(new OperationCanceledException(_cancellation));
        }
    }
}
