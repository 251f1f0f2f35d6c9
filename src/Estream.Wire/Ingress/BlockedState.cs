using Estream.Core;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>
/// The state of a queue that cannot be written. Each attempt to write reserves a segment, so all waiting connections share one attempt per
/// 100 ms. <see cref="Failure"/> is thread-safe; the other members require the lock of the queue.
/// </summary>
/// <param name="control">The pauses of the queue.</param>
/// <param name="clock">The clock for retries.</param>
internal sealed class BlockedState(IngressControl control, IClock clock)
{
    private const long RetryNanos = 100_000_000;

    private volatile EstreamStorageException? _failure;
    private long _failedAt;
    private int _room;

    /// <summary>Why the queue is paused or the last write failed; null if neither.</summary>
    public EstreamStorageException? Failure => control.Failure ?? _failure;

    /// <summary>Whether the queue is paused, or the last failure is too recent for another attempt.</summary>
    public bool MustWait => control.Failure is not null || (_failure is not null && clock.MonotonicNanos - _failedAt < RetryNanos);

    /// <summary>Tries to reserve space, unless the last attempt was a moment ago.</summary>
    public void Retry(QueueAppender appender)
    {
        if (_failure is null || MustWait)
        {
            return;
        }

        try
        {
            appender.Claim(_room).Dispose();
            Clear();
        }
        catch (EstreamStorageException failure)
        {
            Set(failure, _room);
        }
    }

    public void Set(EstreamStorageException failure, int room)
    {
        _failedAt = clock.MonotonicNanos;
        _room = room;
        _failure = failure;
    }

    /// <summary>Records that the queue has space again. Call it after a claim, even if the message is then refused.</summary>
    public void Clear()
    {
        if (_failure is not null)
        {
            _failure = null;
        }
    }
}
