using System.Buffers.Binary;
using Estream.Queue;

namespace Estream.Net.Multicast.Internal;

/// <summary>
/// Builds data bodies from the log: as many whole messages of one segment as fit, or one fragment. The body of one message is not copied
/// when the packet is plaintext: it is the mapped log itself. Not thread-safe; never allocates.
/// </summary>
internal ref struct DataBuilder
{
    private readonly Span<byte> _body;
    private readonly long _segmentBytes;

    public DataBuilder(Span<byte> body, long segmentBytes)
    {
        _body = body;
        _segmentBytes = segmentBytes;
    }

    /// <summary>The bytes written to the body.</summary>
    public int Length { get; private set; }

    /// <summary>The rest of the body: bytes of the log.</summary>
    public ReadOnlySpan<byte> Rest { get; private set; }

    /// <summary>The first address after the body.</summary>
    public long EndAddress { get; private set; }

    /// <summary>The position of the last message in the body.</summary>
    public long LastPosition { get; private set; }

    /// <summary>The sequence number of the last message in the body.</summary>
    public long LastSequence { get; private set; }

    /// <summary>Whether the caller must advance the cursor once the packet is sent. If not, the cursor is already after the body, or stays
    /// at a message of which more fragments follow.</summary>
    public bool MustAdvance { get; private set; }

    /// <summary>Whether the cursor has moved, so the body cannot be built again.</summary>
    public bool HasAdvanced { get; private set; }

    /// <summary>The offset in the message at which the next fragment starts; 0 if the last message is complete.</summary>
    public int NextOffset { get; private set; }

    /// <summary>Builds a body from the next message of a cursor.</summary>
    /// <param name="cursor">The cursor.</param>
    /// <param name="offset">The offset in its next message.</param>
    /// <param name="limit">No message at or after this address is added to the first one.</param>
    /// <param name="group">The FEC group; 0 for none.</param>
    /// <param name="index">The index in the group.</param>
    /// <param name="mayReferToLog">Whether <see cref="Rest"/> may refer to the log.</param>
    /// <returns>Whether there is a message.</returns>
    public bool TryBuild(LogCursor cursor, int offset, long limit, uint group, int index, bool mayReferToLog)
    {
        if (!cursor.TryPeek(out QueueMessage message))
        {
            return false;
        }

        int total = message.Payload.Length;
        int count = Math.Min(total - offset, _body.Length - PacketLayout.DataBytes);
        DataHeader header = new(
            message.Position, cursor.Previous, message.Sequence, message.Time, total, offset, group, (byte)index);
        header.Write(_body);
        ReadOnlySpan<byte> bytes = message.Payload.Slice(offset, count);
        Length = PacketLayout.DataBytes;
        EndAddress = PacketLayout.EndOf(message.Position, offset + count);
        (LastPosition, LastSequence) = (message.Position, message.Sequence);
        bool isComplete = offset + count == total;
        NextOffset = isComplete ? 0 : offset + count;
        if (isComplete && offset == 0 && TryAddMore(cursor, header, bytes, limit))
        {
            return true;
        }

        MustAdvance = isComplete;
        if (mayReferToLog)
        {
            Rest = bytes;
        }
        else
        {
            bytes.CopyTo(_body[Length..]);
            Length += count;
        }

        return true;
    }

    // Adds the messages after the first one, if the next one fits. The span of the first message is copied before the cursor moves.
    private bool TryAddMore(LogCursor cursor, DataHeader last, ReadOnlySpan<byte> bytes, long limit)
    {
        int room = _body.Length - PacketLayout.DataBytes - bytes.Length - PacketLayout.RecordBytes;
        if (room < 0)
        {
            return false;
        }

        bytes.CopyTo(_body[Length..]);
        Length += bytes.Length;
        cursor.Advance();
        HasAdvanced = true;
        while (room >= 0 && cursor.TryPeek(out QueueMessage message) && message.Position < limit && message.Payload.Length <= room
            && TryWriteRecord(last, message))
        {
            message.Payload.CopyTo(_body[(Length + PacketLayout.RecordBytes)..]);
            Length += PacketLayout.RecordBytes + message.Payload.Length;
            room -= PacketLayout.RecordBytes + message.Payload.Length;
            last = last with
            {
                Position = message.Position, Sequence = message.Sequence, Time = message.Time, Length = message.Payload.Length,
            };
            cursor.Advance();
        }

        (LastPosition, LastSequence) = (last.Position, last.Sequence);
        EndAddress = PacketLayout.EndOf(last.Position, last.Length);
        return true;
    }

    private readonly bool TryWriteRecord(in DataHeader before, in QueueMessage message)
    {
        long step = message.Position - before.Position;
        long numbers = message.Sequence - before.Sequence;
        long time = message.Time - before.Time;
        if (step > uint.MaxValue || numbers is < 1 or > uint.MaxValue || time < 0 || time % PacketLayout.TimeUnitNanos != 0
            || time / PacketLayout.TimeUnitNanos > uint.MaxValue || message.Position / _segmentBytes != before.Position / _segmentBytes)
        {
            return false;
        }

        Span<byte> record = _body[Length..];
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)step);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], (uint)message.Payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record[8..], (uint)numbers);
        BinaryPrimitives.WriteUInt32LittleEndian(record[12..], (uint)(time / PacketLayout.TimeUnitNanos));
        return true;
    }
}
