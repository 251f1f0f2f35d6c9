using Estream.Core;
using Estream.Queue;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// What subscribers get, once for all of them: one queue of the endpoint's own, in which each session has a place. Thread-safe.
/// </summary>
internal sealed class RelayQueue : IDisposable
{
    /// <summary>The name under which it says where messages will lie; no queue has such a one.</summary>
    public const string NoteName = "/relay";

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
        Earlier = new PreexistingMessages(queue, _appender.NextPosition);
    }

    /// <summary>Who it is: positions are of one relay.</summary>
    public long Id => _queue.Id;

    /// <summary>What it held when this process began.</summary>
    public PreexistingMessages Earlier { get; }

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
        EstreamQueue queue =
            place.OpenQueue(Name, place.Queues with { SegmentBytes = segmentBytes, RetainedBytes = segmentBytes, Keys = keys });
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

    /// <summary>The position of the oldest message; that of the next one where there is none.</summary>
    public long Oldest()
    {
        using QueueTailer tailer = _queue.CreateTailer();
        tailer.SeekToStart();
        return tailer.TryPeek(out QueueMessage message) ? message.Position : Next();
    }

    /// <summary>Lets go what an earlier process has left: it was for sessions nobody remembers.</summary>
    public void BeginAnew()
    {
        _kept.SeekToEnd();
        _ = _queue.ApplyRetention(retainedBytes: 1, TimeSpan.Zero);
    }

    /// <summary>Offers what an earlier process has left to those it was for; before anything is appended.</summary>
    /// <exception cref="EstreamException">It cannot be read.</exception>
    public void OfferAgain(SubscriptionIndex index)
    {
        List<IRelayListener> listeners = [];
        using QueueTailer tailer = _queue.CreateTailer();
        tailer.SeekToStart();
        while (tailer.TryRead(out QueueMessage message))
        {
            PublishedRecord.View record = PublishedRecord.View.Of(message.Payload);
            listeners.Clear();
            index.Match(record.Topic, listeners);
            foreach (IRelayListener listener in listeners)
            {
                listener.OfferAgain(message.Position, record);
            }

            Volatile.Write(ref _newest, message.Position);
        }
    }

    /// <summary>Appends a message and offers it to those it may be for.</summary>
    /// <param name="message">The message.</param>
    /// <param name="listeners">They.</param>
    /// <param name="note">Is told where it will lie; null where nobody has to know.</param>
    /// <returns>False when it cannot be written now: nothing was appended, and the same call can succeed later.</returns>
    public bool TryAppend(in RelayMessage message, List<IRelayListener> listeners, IAppendNote? note)
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
                int length = message.Write(claim.Span);
                if (note?.TryNote(NoteName, claim.Position, length) == false)
                {
                    return false;
                }

                claim.Commit(length);
                Volatile.Write(ref _newest, claim.Position);

                // Within the lock, so that every session is offered messages in the order in which they lie here.
                foreach (IRelayListener listener in listeners)
                {
                    listener.Offer(claim.Position, message.Qos);
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

/// <summary>Who is told of the messages in the relay that may be for it: a session, or the members of a shared subscription
/// together.</summary>
internal interface IRelayListener
{
    /// <summary>A message may be for it. Called in the order of the relay.</summary>
    /// <param name="position">Where it lies.</param>
    /// <param name="qos">What it was published with.</param>
    void Offer(long position, MqttQos qos);

    /// <summary>A message that was there before this process may have been for it. Called in the order of the relay, before the first
    /// client is there.</summary>
    void OfferAgain(long position, PublishedRecord.View record);

    /// <summary>Wakes who sends, if a client is there.</summary>
    void Ring();
}
