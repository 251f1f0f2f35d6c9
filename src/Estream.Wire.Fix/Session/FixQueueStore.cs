using System.Buffers.Binary;
using Estream.Core;
using Estream.Queue;

namespace Estream.Wire.Fix.Session;

/// <summary>
/// Remembers in a queue of its own: every message as it went out, every number that was received, every new beginning with its time. What a session
/// was told is there is there after the process was killed.
/// </summary>
/// <remarks>
/// A record is a byte for its kind, three numbers of eight bytes (little-endian) as they are behind it, and of an outgoing message its bytes. Every
/// record alone says where the session is: what retention gives up takes no number with it. Opening reads the whole log, so let retention keep
/// it short; messages that retention has given up are filled as gaps.
/// </remarks>
internal sealed class FixQueueStore : IFixStore
{
    private const byte Outgoing = 1;
    private const byte Incoming = 2;
    private const byte Beginning = 3;
    private const int HeaderBytes = 1 + (3 * sizeof(long));
    private const int PlaceStep = 64;

    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;
    private readonly QueueTailer _tailer;

    // Where every so many messages lie, ascending.
    private readonly List<(long Number, long Position)> _places = [];
    private byte[] _message = [];
    private Numbers _numbers = new(1, 1, 0);

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

    public long NextOutgoing => _numbers.NextOutgoing;

    public long NextIncoming => _numbers.NextIncoming;

    public long BeganAt => _numbers.BeganAt;

    public void Append(ReadOnlySpan<byte> message)
    {
        long number = NextOutgoing;
        NotePlace(number, Write(Outgoing, _numbers with { NextOutgoing = number + 1 }, message));
    }

    public void Advance(long nextIncoming)
    {
        if (nextIncoming != NextIncoming)
        {
            Write(Incoming, _numbers with { NextIncoming = nextIncoming }, default);
        }
    }

    public void Reset(long utcNanos)
    {
        Write(Beginning, new Numbers(1, 1, utcNanos), default);
        ForgetPlaces();
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
            byte kind = Header(entry.Payload, out Numbers behind);
            if (kind == Outgoing && behind.NextOutgoing > number)
            {
                _readNext = behind.NextOutgoing;
                message = Copy(entry.Payload[HeaderBytes..]);
                return behind.NextOutgoing == number + 1;
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
            byte kind = Header(entry.Payload, out _numbers);
            if (kind == Outgoing)
            {
                NotePlace(NextOutgoing - 1, entry.Position);
            }
            else if (kind == Beginning)
            {
                ForgetPlaces();
            }
        }
    }

    private void ForgetPlaces()
    {
        _places.Clear();
        _readNext = 0;
    }

    private long Write(byte kind, Numbers behind, ReadOnlySpan<byte> message)
    {
        long position;
        using (AppendClaim claim = _appender.Claim(HeaderBytes + message.Length))
        {
            Span<byte> record = claim.Span;
            record[0] = kind;
            BinaryPrimitives.WriteInt64LittleEndian(record[1..], behind.NextOutgoing);
            BinaryPrimitives.WriteInt64LittleEndian(record[9..], behind.NextIncoming);
            BinaryPrimitives.WriteInt64LittleEndian(record[17..], behind.BeganAt);
            message.CopyTo(record[HeaderBytes..]);
            claim.Commit();
            position = claim.Position;
        }

        _numbers = behind;
        FollowTo(position);
        return position;
    }

    // A tailer keeps the segment it stands in from retention: it must not stay behind while the log goes on.
    private void FollowTo(long position)
    {
        if (position - _tailer.Position > _queue.SegmentBytes)
        {
            _readNext = 0;
            _tailer.Seek(position);
        }
    }

    private byte Header(scoped ReadOnlySpan<byte> record, out Numbers behind)
    {
        if (record.Length < HeaderBytes || record[0] is not (Outgoing or Incoming or Beginning))
        {
            throw new EstreamCorruptionException(
                $"Queue '{_queue.Directory}' holds a message that no FIX session has written. Give the session a queue of its own.", _queue.Directory);
        }

        behind = new Numbers(
            BinaryPrimitives.ReadInt64LittleEndian(record[1..]),
            BinaryPrimitives.ReadInt64LittleEndian(record[9..]),
            BinaryPrimitives.ReadInt64LittleEndian(record[17..]));
        return record[0];
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

    private readonly record struct Numbers(long NextOutgoing, long NextIncoming, long BeganAt);
}
