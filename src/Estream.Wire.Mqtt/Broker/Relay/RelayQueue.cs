using Estream.Core;
using Estream.Queue;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// The queue of messages for subscribers. The queue stores each message once for all subscribers, and each session has a position in the
/// queue. Thread-safe.
/// </summary>
internal sealed class RelayQueue : IDisposable
{
    /// <summary>The name under which the relay announces positions to an <see cref="IAppendNote"/>. No queue can have this name.</summary>
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
        Earlier = new PreexistingMessages(queue, _appender.NextPosition, _appender.NextSequence);
    }

    /// <summary>The identifier of the relay. A position is only meaningful in its own relay.</summary>
    public long Id => _queue.Id;

    /// <summary>The messages that the relay contained when this process started.</summary>
    public PreexistingMessages Earlier { get; }

    /// <summary>The pool of tailers.</summary>
    public RelayTailers Tailers { get; }

    /// <summary>The failure of the last write; null if it succeeded.</summary>
    public EstreamStorageException? Failure => _failure;

    /// <summary>The maximum size of a message, in the measure of <see cref="RelayMessage.Length"/>.</summary>
    public int MaxMessageBytes => _queue.MaxMessageBytes;

    /// <summary>The position of the newest message; -1 before the first.</summary>
    public long Newest => Volatile.Read(ref _newest);

    private bool MustWait => _isDisposed || (_failure is not null && _clock.MonotonicNanos - _failedAt < RetryNanos);

    /// <exception cref="EstreamException">The relay cannot be created, opened or appended to.</exception>
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

    /// <summary>Returns a position that is above every existing message and not above any later message.</summary>
    public long Next()
    {
        lock (_lock)
        {
            return _isDisposed ? Volatile.Read(ref _newest) + 1 : _appender.NextPosition;
        }
    }

    /// <summary>Returns the position of the oldest message, or of the next message if the relay is empty.</summary>
    public long Oldest()
    {
        using QueueTailer tailer = _queue.CreateTailer();
        tailer.SeekToStart();
        return tailer.TryPeek(out QueueMessage message) ? message.Position : Next();
    }

    /// <summary>Drops the messages of an earlier process, because no restored session needs them.</summary>
    public void BeginAnew()
    {
        _kept.SeekToEnd();
        _ = _queue.ApplyRetention(retainedBytes: 1, TimeSpan.Zero);
    }

    /// <summary>Offers the messages of an earlier process to the subscriptions they match, before anything is appended.</summary>
    /// <exception cref="EstreamException">The relay cannot be read.</exception>
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

    /// <summary>Appends a message and offers it to the given listeners.</summary>
    /// <param name="message">The message.</param>
    /// <param name="listeners">The sessions and groups that the message may concern.</param>
    /// <param name="note">Receives the position before commit; may be null.</param>
    /// <returns>False if the relay cannot be written now. Nothing was appended, and the same call can succeed later.</returns>
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

                // Offer under the lock, so that every session is offered messages in the order of the relay.
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

    /// <summary>Checks whether a blocked relay can be written again, even if no client publishes.</summary>
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

    /// <summary>Drops the messages before a position.</summary>
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

/// <summary>A receiver of positions in the relay: a session, or the group of a shared subscription.</summary>
internal interface IRelayListener
{
    /// <summary>Offers a message that may be for the listener. Called in the order of the relay.</summary>
    /// <param name="position">The position in the relay.</param>
    /// <param name="qos">The QoS with which it was published.</param>
    void Offer(long position, MqttQos qos);

    /// <summary>Offers a message of an earlier process that may have been for the listener. Called in the order of the relay, before the
    /// first client connects.</summary>
    void OfferAgain(long position, PublishedRecord.View record);

    /// <summary>Wakes the sending task, if a client is connected.</summary>
    void Ring();
}
