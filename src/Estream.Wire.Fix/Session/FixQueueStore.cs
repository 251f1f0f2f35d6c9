using System.Buffers.Binary;
using System.Text;
using Estream.Core;
using Estream.Queue;

namespace Estream.Wire.Fix.Session;

/// <summary>
/// Remembers in a queue of its own: every message as it went out, every number that was received, every new beginning with its time, and
/// what an adapter notes of its orders, and before a message is appended to its queue, where it will be. A record survives a crash of the
/// process; <see cref="WaitDurableAsync"/> tells when it survives a power cut.
/// </summary>
/// <remarks>
/// A record is a byte for its kind, four numbers of eight bytes (little-endian) as they are behind it, and of an outgoing message, or a
/// note, its bytes. Every record alone says where the session is: opening reads the last one, and what retention gives up takes no number
/// with it. A message is found by a binary search among the records since the last beginning; those that retention has given up are filled
/// as gaps.
/// </remarks>
internal sealed class FixQueueStore : IFixStore
{
    /// <summary>Bytes of a record before a message.</summary>
    public const int HeaderBytes = 1 + (4 * sizeof(long));

    private const byte Outgoing = 1;
    private const byte Incoming = 2;
    private const byte Beginning = 3;
    private const byte Noted = 4;
    private const byte Announced = 5;
    private const int AnnouncementBytes = (2 * sizeof(long)) + sizeof(int);
    private const int LastRecords = 16;

    // One read of a connection brings fewer messages, and the next read follows when they are durable.
    private const int ReconciledRecords = 16_384;

    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;
    private readonly QueueTailer _tailer;
    private byte[] _message = [];
    private byte[] _announcement = new byte[64];
    private long _lastPosition = -1;
    private Numbers _numbers = new(1, 1, 0, 0);

    // The message that the tailer comes to next; 0 where it is somewhere else.
    private long _readNext;

    // Messages before this one were looked for and are not there any more.
    private long _keptFrom;

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
                $"A message of queue '{queue.Directory}' has at most {queue.MaxMessageBytes} bytes, one of the session {maxMessageBytes}: "
                + "give it larger segments.",
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
        Write(Outgoing, _numbers with { NextOutgoing = NextOutgoing + 1 }, message);
    }

    public void Advance(long nextIncoming)
    {
        if (nextIncoming != NextIncoming)
        {
            Write(Incoming, _numbers with { NextIncoming = nextIncoming }, default);
        }
    }

    public void Announce(in FixAnnouncement announcement)
    {
        int length = AnnouncementBytes + Encoding.UTF8.GetByteCount(announcement.Queue);
        if (_announcement.Length < length)
        {
            _announcement = new byte[length];
        }

        BinaryPrimitives.WriteInt64LittleEndian(_announcement, announcement.Run);
        BinaryPrimitives.WriteInt64LittleEndian(_announcement.AsSpan(sizeof(long)), announcement.Position);
        BinaryPrimitives.WriteInt32LittleEndian(_announcement.AsSpan(2 * sizeof(long)), announcement.Length);
        Encoding.UTF8.GetBytes(announcement.Queue, _announcement.AsSpan(AnnouncementBytes));
        Write(Announced, _numbers, _announcement.AsSpan(0, length));
        if (_queue.IngressDurability == Durability.Every)
        {
            // After a power cut the record is there if the message is, so the message is not stored twice.
            _queue.WaitDurable(_lastPosition);
        }
    }

    public void Reconcile(IFixQueues queues)
    {
        List<(long Number, FixAnnouncement Message)> announced = ReadAnnouncements();
        if (announced.Count == 0)
        {
            return;
        }

        (long number, FixAnnouncement newest) = announced[^1];
        long next = number == NextIncoming && queues.Has(newest) ? number + 1 : NextIncoming;
        foreach ((long earlier, FixAnnouncement message) in announced)
        {
            next = earlier < next && queues.HasLost(message) ? earlier : next;
        }

        // Also where the number is the same: an announcement that came to nothing must not be believed at a later start.
        Write(Incoming, _numbers with { NextIncoming = next }, default);
    }

    public ValueTask WaitDurableAsync(CancellationToken cancellation)
    {
        long position = Volatile.Read(ref _lastPosition);
        return position < 0 || !_queue.IngressDurability.IsDurable ? default : _queue.WaitDurableAsync(position, cancellation);
    }

    public void Reset(long utcNanos)
    {
        Write(Beginning, new Numbers(1, 1, utcNanos, _appender.NextSequence), default);
        _readNext = 0;
        _keptFrom = 0;
    }

    public bool TryRead(long number, out ReadOnlySpan<byte> message)
    {
        message = default;
        if (number < Math.Max(_keptFrom, 1) || number >= NextOutgoing || !TryGoTo(number))
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
                bool isIt = behind.NextOutgoing == number + 1;
                _keptFrom = isIt ? _keptFrom : behind.NextOutgoing - 1;
                return isIt;
            }
        }

        return false;
    }

    /// <summary>The message that was sent last, over new beginnings too. Valid until the next call. Costs a pass over what was kept behind
    /// it.</summary>
    /// <returns>False where none is kept.</returns>
    public bool TryReadNewest(out ReadOnlySpan<byte> message)
    {
        message = default;
        using QueueTailer tailer = _queue.CreateTailer();
        tailer.SeekToStart();
        if (!tailer.TryPeek(out QueueMessage oldest))
        {
            return false;
        }

        long first = oldest.Sequence;
        long from = _appender.NextSequence;
        for (long back = LastRecords; from > first && message.IsEmpty; back *= 2)
        {
            from = Math.Max(first, _appender.NextSequence - back);
            tailer.SeekToSequence(from);
            while (tailer.TryRead(out QueueMessage entry))
            {
                message = Header(entry.Payload, out _) == Outgoing ? Copy(entry.Payload[HeaderBytes..]) : message;
            }
        }

        return !message.IsEmpty;
    }

    public void Note(ReadOnlySpan<byte> note)
    {
        Write(Noted, _numbers, note);
    }

    public void ReadAll(FixStoreEntry take)
    {
        using QueueTailer tailer = _queue.CreateTailer();
        tailer.SeekToStart();
        while (tailer.TryRead(out QueueMessage entry))
        {
            byte kind = Header(entry.Payload, out _);
            if (kind is Outgoing or Noted)
            {
                take(kind == Noted, entry.Payload[HeaderBytes..]);
            }
        }
    }

    public void Dispose()
    {
        _tailer.Dispose();
        _appender.Dispose();
    }

    /// <summary>Reads the last record, from a little before it: not every number of the queue need have one.</summary>
    private void Recover()
    {
        long next = _appender.NextSequence;
        if (!_tailer.TryPeek(out QueueMessage oldest))
        {
            return;
        }

        long first = oldest.Sequence;
        long from = next;
        for (long back = LastRecords; from > first; back *= 2)
        {
            from = Math.Max(first, next - back);
            _tailer.SeekToSequence(from);
            if (TryReadToEnd())
            {
                return;
            }
        }
    }

    /// <summary>The announcements of the newest records that no later record has made void, in their order.</summary>
    private List<(long Number, FixAnnouncement Message)> ReadAnnouncements()
    {
        List<(long Number, FixAnnouncement Message)> found = [];
        using QueueTailer tailer = _queue.CreateTailer();
        tailer.SeekToStart();
        if (!tailer.TryPeek(out QueueMessage oldest))
        {
            return found;
        }

        tailer.SeekToSequence(Math.Max(oldest.Sequence, Math.Max(_numbers.BeganWith, _appender.NextSequence - ReconciledRecords)));
        while (tailer.TryRead(out QueueMessage entry))
        {
            byte kind = Header(entry.Payload, out Numbers at);
            ReadOnlySpan<byte> body = entry.Payload[HeaderBytes..];
            if (kind == Announced && body.Length >= AnnouncementBytes)
            {
                found.Add((at.NextIncoming, new FixAnnouncement(
                    Encoding.UTF8.GetString(body[AnnouncementBytes..]),
                    BinaryPrimitives.ReadInt64LittleEndian(body[sizeof(long)..]),
                    BinaryPrimitives.ReadInt32LittleEndian(body[(2 * sizeof(long))..]),
                    BinaryPrimitives.ReadInt64LittleEndian(body))));
            }
            else if (kind == Incoming)
            {
                found.RemoveAll(one => one.Number >= at.NextIncoming);
            }
            else if (kind == Beginning)
            {
                found.Clear();
            }
        }

        return found;
    }

    private bool TryReadToEnd()
    {
        bool isAny = false;
        while (_tailer.TryRead(out QueueMessage entry))
        {
            Header(entry.Payload, out _numbers);
            isAny = true;
        }

        return isAny;
    }

    private void Write(byte kind, Numbers behind, ReadOnlySpan<byte> message)
    {
        long position;
        using (AppendClaim claim = _appender.Claim(HeaderBytes + message.Length))
        {
            Span<byte> record = claim.Span;
            record[0] = kind;
            BinaryPrimitives.WriteInt64LittleEndian(record[1..], behind.NextOutgoing);
            BinaryPrimitives.WriteInt64LittleEndian(record[9..], behind.NextIncoming);
            BinaryPrimitives.WriteInt64LittleEndian(record[17..], behind.BeganAt);
            BinaryPrimitives.WriteInt64LittleEndian(record[25..], behind.BeganWith);
            message.CopyTo(record[HeaderBytes..]);
            claim.Commit();
            position = claim.Position;
        }

        _numbers = behind;
        Volatile.Write(ref _lastPosition, position);
        FollowTo(position);
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
        if (record.Length < HeaderBytes || record[0] is not (Outgoing or Incoming or Beginning or Noted or Announced))
        {
            throw new EstreamCorruptionException(
                $"Queue '{_queue.Directory}' holds a message that no FIX session has written. Give the session a queue of its own.",
                _queue.Directory);
        }

        behind = new Numbers(
            BinaryPrimitives.ReadInt64LittleEndian(record[1..]),
            BinaryPrimitives.ReadInt64LittleEndian(record[9..]),
            BinaryPrimitives.ReadInt64LittleEndian(record[17..]),
            BinaryPrimitives.ReadInt64LittleEndian(record[25..]));
        return record[0];
    }

    /// <summary>Goes to the first record that says that a message was sent: that of the message itself, or where it is not kept a later
    /// one.</summary>
    private bool TryGoTo(long number)
    {
        if (number == _readNext)
        {
            return true;
        }

        try
        {
            _tailer.SeekToStart();
            if (!_tailer.TryPeek(out QueueMessage oldest))
            {
                return false;
            }

            _tailer.SeekToSequence(FirstBehind(number, Math.Max(oldest.Sequence, _numbers.BeganWith), _appender.NextSequence - 1));
            return true;
        }
        catch (EstreamStorageException gone) when (gone.Reason == StorageFailure.NotFound)
        {
            // Given up by retention while it was looked for.
            return false;
        }
    }

    private long FirstBehind(long number, long low, long high)
    {
        while (low < high)
        {
            long middle = low + ((high - low) / 2);
            _tailer.SeekToSequence(middle);
            bool isBehind = true;
            if (_tailer.TryRead(out QueueMessage entry))
            {
                Header(entry.Payload, out Numbers behind);
                isBehind = behind.NextOutgoing > number;
            }

            (low, high) = isBehind ? (low, middle) : (middle + 1, high);
        }

        return low;
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

    /// <summary>Where a session is.</summary>
    /// <param name="NextOutgoing">MsgSeqNum of the next message that is sent.</param>
    /// <param name="NextIncoming">MsgSeqNum of the next message that is expected.</param>
    /// <param name="BeganAt">When it began anew last; 0 where it never did.</param>
    /// <param name="BeganWith">The sequence number of the record that says so; 0 where there is none.</param>
    private readonly record struct Numbers(long NextOutgoing, long NextIncoming, long BeganAt, long BeganWith);
}
