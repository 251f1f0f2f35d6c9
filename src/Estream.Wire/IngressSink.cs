using Estream.Core;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>
/// One queue as many connections write to it: the exclusive appender behind one lock, which a connection takes once for all the
/// messages it has read, through its <see cref="IngressWriter"/>. Thread-safe.
/// </summary>
public sealed class IngressSink : IDisposable
{
    private readonly Lock _lock = new();
    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;
    private readonly BlockedState _blocked = new();
    private readonly QueueMeter _meter;
    private readonly Dictionary<ulong, SealingBuffer> _sealing = [];
    private long _messages;
    private long _bytes;

    internal IngressSink(string name, EstreamQueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        Name = name;
        _queue = queue;
        _appender = queue.CreateAppender(AppenderMode.Exclusive);
        _meter = new QueueMeter(name, () => Messages, () => Bytes, () => Failure is not null);
        IngressMetrics.Add(_meter);
    }

    /// <summary>The queue's name.</summary>
    public string Name { get; }

    /// <summary>Why the queue could not be written the last time; null when it could.</summary>
    public EstreamStorageException? Failure => _blocked.Failure;

    /// <summary>Messages appended since the sink was made.</summary>
    public long Messages => Volatile.Read(ref _messages);

    /// <summary>Bytes of those messages.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Gives the append right back.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _appender.Dispose();
            foreach (SealingBuffer buffer in _sealing.Values)
            {
                buffer.Dispose();
            }
        }

        IngressMetrics.Remove(_meter);
    }

    /// <summary>Makes ready to store messages of a schema: where it has private fields, they are sealed from now on.</summary>
    /// <exception cref="EsfKeyException">An audience of its private fields has no key.</exception>
    internal void Prepare(EsfSchema schema, EsfAudienceKeys keys)
    {
        lock (_lock)
        {
            if (schema.HasPrivateFields && !_sealing.ContainsKey(schema.Id))
            {
                _sealing.Add(schema.Id, new SealingBuffer(new EsfSealer(schema, keys)));
            }
        }
    }

    internal void Enter()
    {
        _lock.Enter();
    }

    /// <summary>Lets the next connection in.</summary>
    internal void Exit()
    {
        _lock.Exit();
    }

    /// <summary>Encodes a message where it will stay. The caller is inside the lock.</summary>
    /// <returns>False when the queue cannot be written now: nothing was stored, and the same call can succeed later.</returns>
    internal bool TryAppend(
        TopicMapping mapping, in WireMessage message, ReadOnlySpan<FieldCapture> captures, RawPayload raw, out TranslateStatus status)
    {
        int room = Math.Min(TopicMapping.EstimateLength(message), _queue.MaxMessageBytes);
        status = default;
        if (_blocked.MustWait)
        {
            return false;
        }

        try
        {
            if (mapping.Schema.HasPrivateFields)
            {
                status = AppendSealed(_sealing[mapping.Schema.Id], mapping, message, captures, raw, ref room);
                return true;
            }

            while (true)
            {
                using AppendClaim claim = _appender.Claim(room);
                _blocked.Clear();
                status = mapping.Translate(message, captures, raw, claim.Span, out int length);
                if (status.IsOk)
                {
                    Commit(claim, length);
                    return true;
                }

                if (!status.IsDestinationTooSmall)
                {
                    return true;
                }

                if (room == _queue.MaxMessageBytes)
                {
                    status = TooLong();
                    return true;
                }

                room = (int)Math.Min(2L * room, _queue.MaxMessageBytes);
            }
        }
        catch (EstreamStorageException failure)
        {
            _blocked.Set(failure, room);
            status = default;
            return false;
        }
    }

    /// <summary>Encodes a message beside the queue and seals it where it will stay.</summary>
    private TranslateStatus AppendSealed(
        SealingBuffer buffer, TopicMapping mapping, in WireMessage message, ReadOnlySpan<FieldCapture> captures, RawPayload raw, ref int room)
    {
        try
        {
            TranslateStatus status = buffer.Encode(mapping, message, captures, raw, room, _queue.MaxMessageBytes, out int length);
            if (!status.IsOk)
            {
                return status.IsDestinationTooSmall ? TooLong() : status;
            }

            room = buffer.MaxSealedLength(length);
            if (room > _queue.MaxMessageBytes)
            {
                return TooLong();
            }

            using AppendClaim claim = _appender.Claim(room);
            _blocked.Clear();
            status = buffer.Seal(length, claim.Span, out int written);
            if (status.IsOk)
            {
                Commit(claim, written);
            }

            return status;
        }
        finally
        {
            buffer.Clear();
        }
    }

    private void Commit(AppendClaim claim, int length)
    {
        claim.Commit(length);
        Volatile.Write(ref _bytes, _bytes + length);
        Volatile.Write(ref _messages, _messages + 1);
    }

    private TranslateStatus TooLong() =>
        TranslateStatus.Unfit($"the message is longer than the {_queue.MaxMessageBytes} bytes queue '{Name}' takes; give it larger segments");

    /// <summary>Looks whether a queue that could not be written can be now, though nobody sends.</summary>
    internal void Retry()
    {
        if (_blocked.Failure is null || !_lock.TryEnter())
        {
            return;
        }

        try
        {
            _blocked.Retry(_appender);
        }
        finally
        {
            _lock.Exit();
        }
    }
}
