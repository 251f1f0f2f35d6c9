using System.Buffers.Binary;
using System.Text;
using Estream.Core;
using Estream.Queue;

namespace Estream.Wire.Fix.Session;

/// <summary>
/// A store in a queue used by this session only. Records every sent message, every received MsgSeqNum, every sequence reset with its time,
/// and an adapter's notes about orders. Also records, before a message is appended to its queue, the position that the message will have. A
/// record survives a crash of the process; after <see cref="WaitDurableAsync"/> it also survives a power cut.
/// </summary>
/// <remarks>
/// A record is one byte for its kind, four 8-byte little-endian numbers with the state after the record, and the bytes of a sent message,
/// note or announcement. Each record contains the full session state: opening the store reads only the last record, and retention loses no
/// sequence number. A message is found by binary search among the records since the last reset; messages deleted by retention are resent as
/// gaps.
/// </remarks>
internal sealed class FixQueueStore : IFixStore
{
    /// <summary>The length of a record before the message, in bytes.</summary>
    public const int HeaderBytes = 1 + (4 * sizeof(long));

    private const byte Outgoing = 1;
    private const byte Incoming = 2;
    private const byte Beginning = 3;
    private const byte Noted = 4;
    private const byte Announced = 5;
    private const int AnnouncementBytes = (2 * sizeof(long)) + sizeof(int);
    private const int LastRecords = 16;

    // One read of a connection contains fewer messages, and the next read starts after they are durable.
    private const int ReconciledRecords = 16_384;

    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;
    private readonly QueueTailer _tailer;
    private byte[] _message = [];
    private byte[] _announcement = new byte[64];
    private long _lastPosition = -1;
    private Numbers _numbers = new(1, 1, 0, 0);

    // The MsgSeqNum of the message the tailer reads next; 0 if the tailer is elsewhere.
    private long _readNext;

    // Messages before this MsgSeqNum are known to be deleted.
    private long _keptFrom;

    /// <summary>Opens the store, and reads the session state from the last record.</summary>
    /// <param name="queue">A queue with no other content; the caller disposes it.</param>
    /// <param name="maxMessageBytes">The maximum message length of the session.</param>
    /// <exception cref="ArgumentException">The queue cannot hold a message of this length.</exception>
    /// <exception cref="EstreamLeaseException">Another session, in this or another process, writes to the queue.</exception>
    /// <exception cref="EstreamCorruptionException">The queue has other content.</exception>
    public FixQueueStore(EstreamQueue queue, int maxMessageBytes = 64 * 1024)
    {
        if (queue.MaxMessageBytes < HeaderBytes + maxMessageBytes)
        {
            throw new ArgumentException(
                $"Queue '{queue.Directory}' accepts messages of at most {queue.MaxMessageBytes} bytes, but the session allows "
                + $"{maxMessageBytes}. Give the queue larger segments, or set a smaller MaxMessageBytes.",
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
            // Makes the announcement durable before its message, so that after a power cut a stored message is never stored again.
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

        // Write the record even if the number is unchanged, so that a later start does not apply an announcement that was not fulfilled.
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

    /// <summary>Reads the newest sent message, across sequence resets. Valid until the next call. Scans all records after that
    /// message.</summary>
    /// <returns>False if no sent message is kept.</returns>
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

    /// <summary>Reads the last record. Starts a few sequence numbers earlier, because a sequence number of the queue can be without a
    /// record.</summary>
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

    /// <summary>Returns the announcements among the newest records that no later record supersedes, in order.</summary>
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

    // A tailer protects its segment from retention, so it has to follow the end of the log.
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
                $"Queue '{_queue.Directory}' contains a message that no FIX session wrote. Give the session its own queue.",
                _queue.Directory);
        }

        behind = new Numbers(
            BinaryPrimitives.ReadInt64LittleEndian(record[1..]),
            BinaryPrimitives.ReadInt64LittleEndian(record[9..]),
            BinaryPrimitives.ReadInt64LittleEndian(record[17..]),
            BinaryPrimitives.ReadInt64LittleEndian(record[25..]));
        return record[0];
    }

    /// <summary>Seeks to the record of a sent message or, if that was deleted, to the first later record.</summary>
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
            // Retention deleted the record during the search.
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

    /// <summary>The state of a session.</summary>
    /// <param name="NextOutgoing">MsgSeqNum of the next message to send.</param>
    /// <param name="NextIncoming">MsgSeqNum of the next expected message.</param>
    /// <param name="BeganAt">The time of the last sequence reset, in Unix nanoseconds; 0 if there was none.</param>
    /// <param name="BeganWith">The queue sequence number of the record of that reset; 0 if there is none.</param>
    private readonly record struct Numbers(long NextOutgoing, long NextIncoming, long BeganAt, long BeganWith);
}
