using Estream.Core;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>
/// That a queue cannot be written, and when to try again: a try reserves a segment, so a thousand waiting connections share one try
/// every 100 ms. <see cref="Failure"/> may be read from any thread; the rest belongs to who holds the queue's lock.
/// </summary>
internal sealed class BlockedState(IClock clock)
{
    private const long RetryNanos = 100_000_000;

    private volatile EstreamStorageException? _failure;
    private volatile EstreamStorageException? _pause;
    private long _failedAt;
    private int _room;

    /// <summary>Why the queue is not to be written, or could not be the last time; null when it could.</summary>
    public EstreamStorageException? Failure => _pause ?? _failure;

    /// <summary>Why the queue is not to be written, though it may be possible; null where it is. Any thread may set it.</summary>
    public EstreamStorageException? Pause
    {
        set => _pause = value;
    }

    /// <summary>Whether the queue is not to be written, or the last failure is too recent to try again.</summary>
    public bool MustWait => _pause is not null || (_failure is not null && clock.MonotonicNanos - _failedAt < RetryNanos);

    /// <summary>Looks whether the room can be had now, unless that was tried a moment ago.</summary>
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

    /// <summary>There is room, whatever becomes of the message it is for.</summary>
    public void Clear()
    {
        if (_failure is not null)
        {
            _failure = null;
        }
    }
}
