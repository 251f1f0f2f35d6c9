using System.Buffers.Binary;
using Estream.Core;
using Estream.Queue;

namespace Estream.Wire.Fix.Session;

/// <summary>
/// Remembers in a queue of its own: every message as it went out, every number that was received, every new beginning with its time. What a session
/// was told is there is there after the process was killed.
/// </summary>
/// <remarks>
/// A record is a byte for its kind, eight for a number or a time (little-endian), and of an outgoing message its bytes. Opening reads the whole
/// log, so let retention keep it short; messages that retention has given up are filled as gaps.
/// </remarks>
internal sealed class FixQueueStore : IFixStore
{
    private const byte Outgoing = 1;
    private const byte Incoming = 2;
    private const byte Beginning = 3;
    private const int HeaderBytes = 1 + sizeof(long);
    private const int PlaceStep = 64;

    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;
    private readonly QueueTailer _tailer;

    // Where every so many messages lie, ascending.
    private readonly List<(long Number, long Position)> _places = [];
    private byte[] _message = [];

    // The message that the tailer comes to next; 0 where it is somewhere else.
    private long _readNext;

    /// <param name="queue">A queue that holds nothing else; stays the caller's.</param>
    /// <param name="maxMessageBytes">The longest message of the session.</param>
    /// <exception cref="ArgumentException">The queue cannot hold such a message.</exception>
    /// <exception cref="EstreamLeaseException">Another session, here or in another process, writes to it.</exception>
    /// <exception cref="EstreamCorruptionException">It holds something else.</exception>
    public FixQueueStore(EstreamQueue queue, int maxMessageBytes = 64 * 1024)
    {
        if (queue.MaxMessageBytes < HeaderBytes + maxMessageBytes)
        {
            throw new ArgumentException(
                $"A message of queue '{queue.Directory}' has at most {queue.MaxMessageBytes} bytes, one of the session {maxMessageBytes}: give it larger segments.",
                nameof(queue));
        }

        _queue = queue;
        _appender = queue.CreateAppender(AppenderMode.Exclusive);
        try
        {
            _tailer = queue.CreateTailer();
            Recover();
        }
        catch
        {
            _tailer?.Dispose();
            _appender.Dispose();
            throw;
        }
    }

    public long NextOutgoing { get; private set; } = 1;

    public long NextIncoming { get; private set; } = 1;

    public long BeganAt { get; private set; }

    public void Append(ReadOnlySpan<byte> message)
    {
        long position = Write(Outgoing, NextOutgoing, message);
        NotePlace(NextOutgoing, position);
        NextOutgoing++;
    }

    public void Advance(long nextIncoming)
    {
        if (nextIncoming != NextIncoming)
        {
            Write(Incoming, nextIncoming, default);
            NextIncoming = nextIncoming;
        }
    }

    public void Reset(long utcNanos)
    {
        Write(Beginning, utcNanos, default);
        Begin(utcNanos);
    }

    public bool TryRead(long number, out ReadOnlySpan<byte> message)
    {
        message = default;
        if (number < 1 || number >= NextOutgoing || !TryGoTo(number))
        {
            return false;
        }

        _readNext = 0;
        while (_tailer.TryRead(out QueueMessage entry))
        {
            (byte kind, long found) = Header(entry.Payload);
            if (kind == Outgoing && found >= number)
            {
                _readNext = found + 1;
                message = Copy(entry.Payload[HeaderBytes..]);
                return found == number;
            }
        }

        return false;
    }

    public void Dispose()
    {
        _tailer.Dispose();
        _appender.Dispose();
    }

    private void Recover()
    {
        while (_tailer.TryRead(out QueueMessage entry))
        {
            (byte kind, long number) = Header(entry.Payload);
            switch (kind)
            {
                case Outgoing:
                    NotePlace(number, entry.Position);
                    NextOutgoing = number + 1;
                    break;
                case Incoming:
                    NextIncoming = number;
                    break;
                default:
                    Begin(number);
                    break;
            }
        }
    }

    private void Begin(long utcNanos)
    {
        BeganAt = utcNanos;
        _places.Clear();
        _readNext = 0;
        NextOutgoing = 1;
        NextIncoming = 1;
    }

    private long Write(byte kind, long number, ReadOnlySpan<byte> message)
    {
        using AppendClaim claim = _appender.Claim(HeaderBytes + message.Length);
        claim.Span[0] = kind;
        BinaryPrimitives.WriteInt64LittleEndian(claim.Span[1..], number);
        message.CopyTo(claim.Span[HeaderBytes..]);
        claim.Commit();
        return claim.Position;
    }

    private (byte Kind, long Number) Header(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes || bytes[0] is not (Outgoing or Incoming or Beginning))
        {
            throw new EstreamCorruptionException(
                $"Queue '{_queue.Directory}' holds a message that no FIX session has written. Give the session a queue of its own.", _queue.Directory);
        }

        return (bytes[0], BinaryPrimitives.ReadInt64LittleEndian(bytes[1..]));
    }

    private void NotePlace(long number, long position)
    {
        if (_places.Count == 0 || number >= _places[^1].Number + PlaceStep)
        {
            _places.Add((number, position));
        }
    }

    private bool TryGoTo(long number)
    {
        if (number == _readNext)
        {
            return true;
        }

        int place = _places.FindLastIndex(candidate => candidate.Number <= number);
        if (place < 0)
        {
            return false;
        }

        try
        {
            _tailer.Seek(_places[place].Position);
            return true;
        }
        catch (EstreamStorageException)
        {
            // Given up by retention.
            return false;
        }
    }

    private ReadOnlySpan<byte> Copy(scoped ReadOnlySpan<byte> message)
    {
        if (_message.Length < message.Length)
        {
            _message = new byte[message.Length];
        }

        message.CopyTo(_message);
        return _message.AsSpan(0, message.Length);
    }
}
