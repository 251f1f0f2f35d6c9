using Estream.Core;
using Estream.Queue;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// What subscribers get, once for all of them: one queue of the endpoint's own, in which each session has a place. Thread-safe.
/// </summary>
internal sealed class RelayQueue : IDisposable
{
    private const string Name = "relay";
    private const string KeptFor = "subscribers";
    private const long RetryNanos = 100_000_000;

    private readonly Lock _lock = new();
    private readonly IClock _clock;
    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;
    private readonly QueueTailer _kept;
    private volatile EstreamStorageException? _failure;
    private long _failedAt;
    private int _room;
    private long _newest = -1;
    private bool _isDisposed;

    private RelayQueue(EstreamQueue queue, IClock clock)
    {
        _queue = queue;
        _clock = clock;
        _appender = queue.CreateAppender(AppenderMode.Exclusive);
        _kept = queue.CreateTailer(KeptFor);
        Tailers = new RelayTailers(queue);

        // Sessions live in memory: what is left of an earlier life was for sessions nobody remembers, and may be from before there were keys.
        _kept.SeekToEnd();
        _ = queue.ApplyRetention(retainedBytes: 1, TimeSpan.Zero);
    }

    /// <summary>Readers for one look each.</summary>
    public RelayTailers Tailers { get; }

    /// <summary>Why it could not be written the last time; null when it could.</summary>
    public EstreamStorageException? Failure => _failure;

    /// <summary>The longest message it takes, as <see cref="RelayMessage.Length"/> counts.</summary>
    public int MaxMessageBytes => _queue.MaxMessageBytes;

    /// <summary>The newest message; -1 before the first.</summary>
    public long Newest => Volatile.Read(ref _newest);

    private bool MustWait => _isDisposed || (_failure is not null && _clock.MonotonicNanos - _failedAt < RetryNanos);

    /// <exception cref="EstreamException">It cannot be created, opened or appended to.</exception>
    public static RelayQueue Open(AdapterPlace place, long segmentBytes, QueueKeyRing? keys, IClock clock)
    {
        EstreamQueue queue = place.OpenQueue(Name, place.Queues with { SegmentBytes = segmentBytes, RetainedBytes = segmentBytes, Keys = keys });
        try
        {
            return new RelayQueue(queue, clock);
        }
        catch
        {
            queue.Dispose();
            throw;
        }
    }

    /// <summary>A position that all messages before now are below, and all from now on not.</summary>
    public long Next()
    {
        lock (_lock)
        {
            return _isDisposed ? Volatile.Read(ref _newest) + 1 : _appender.NextPosition;
        }
    }

    /// <summary>Appends a message and offers it to the sessions it may be for.</summary>
    /// <returns>False when it cannot be written now: nothing was appended, and the same call can succeed later.</returns>
    public bool TryAppend(in RelayMessage message, List<Subscriber> subscribers)
    {
        lock (_lock)
        {
            if (MustWait)
            {
                return false;
            }

            _room = (int)message.Length;
            try
            {
                using AppendClaim claim = _appender.Claim(_room);
                _failure = null;
                claim.Commit(message.Write(claim.Span));
                Volatile.Write(ref _newest, claim.Position);

                // Within the lock, so that every session is offered messages in the order in which they lie here.
                foreach (Subscriber subscriber in subscribers)
                {
                    subscriber.Offer(claim.Position, message.Qos);
                }

                return true;
            }
            catch (EstreamStorageException failure)
            {
                Fail(failure);
                return false;
            }
        }
    }

    /// <summary>Looks whether a relay that could not be written can be now, though nobody sends.</summary>
    public void Retry()
    {
        lock (_lock)
        {
            if (_failure is null || MustWait)
            {
                return;
            }

            try
            {
                _appender.Claim(_room).Dispose();
                _failure = null;
            }
            catch (EstreamStorageException failure)
            {
                Fail(failure);
            }
        }
    }

    /// <summary>Lets go what is before a message.</summary>
    /// <param name="position">The position of a message.</param>
    public void KeepFrom(long position)
    {
        lock (_lock)
        {
            if (!_isDisposed && position > _kept.Position)
            {
                _kept.Seek(position);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _queue.Dispose();
        }
    }

    private void Fail(EstreamStorageException failure)
    {
        _failedAt = _clock.MonotonicNanos;
        _failure = failure;
    }
}
