using System.Buffers.Binary;

namespace Estream.Net.Multicast.Internal;

/// <summary>The body of a status: how far a receiver is.</summary>
/// <param name="EndAddress">The address up to which it has appended everything.</param>
/// <param name="LastPosition">The position of the last appended message.</param>
/// <param name="WindowBytes">Its receive window.</param>
/// <param name="HoldMicros">The time between the receipt of <paramref name="EchoTime"/> and the status.</param>
/// <param name="EchoTime">A time of the publisher.</param>
/// <param name="Tag">Its tag.</param>
/// <param name="Nonce">A random number that a setup returns.</param>
/// <param name="Cookie">The number from the setup, which only the party at the address of the receiver knows; 0 before.</param>
internal readonly record struct StatusPacket(
    long EndAddress, long LastPosition, uint WindowBytes, uint HoldMicros, long EchoTime, long Tag, long Nonce = 0, long Cookie = 0)
{
    public static bool TryRead(ReadOnlySpan<byte> body, out StatusPacket packet)
    {
        packet = default;
        if (body.Length != PacketLayout.StatusBytes)
        {
            return false;
        }

        packet = new StatusPacket(
            BinaryPrimitives.ReadInt64LittleEndian(body),
            BinaryPrimitives.ReadInt64LittleEndian(body[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(body[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(body[20..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[48..]));
        return packet.EndAddress is >= 0 and < long.MaxValue / 2
            && (packet.LastPosition == 0 || PacketLayout.IsPosition(packet.LastPosition));
    }

    public int Write(Span<byte> body)
    {
        BinaryPrimitives.WriteInt64LittleEndian(body, EndAddress);
        BinaryPrimitives.WriteInt64LittleEndian(body[8..], LastPosition);
        BinaryPrimitives.WriteUInt32LittleEndian(body[16..], WindowBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(body[20..], HoldMicros);
        BinaryPrimitives.WriteInt64LittleEndian(body[24..], EchoTime);
        BinaryPrimitives.WriteInt64LittleEndian(body[32..], Tag);
        BinaryPrimitives.WriteInt64LittleEndian(body[40..], Nonce);
        BinaryPrimitives.WriteInt64LittleEndian(body[48..], Cookie);
        return PacketLayout.StatusBytes;
    }
}

/// <summary>A range of missing addresses.</summary>
/// <param name="Anchor">The position of a message that the receiver knows, at or before the range; 0 for the start of the log.</param>
/// <param name="From">The first missing address.</param>
/// <param name="To">The end of the missing addresses.</param>
internal readonly record struct NakRange(long Anchor, long From, long To)
{
    public bool Covers(in NakRange other) => From <= other.From && To >= other.To;

    public bool IsValid =>
        (Anchor == 0 || PacketLayout.IsPosition(Anchor)) && From >= Anchor && From < To && To < long.MaxValue / 2;
}

/// <summary>The body of a NAK: 1 to 16 ranges.</summary>
internal readonly ref struct NakPacket
{
    private readonly ReadOnlySpan<byte> _ranges;

    private NakPacket(ReadOnlySpan<byte> ranges) => _ranges = ranges;

    public int Count => _ranges.Length / PacketLayout.NakRangeBytes;

    public NakRange this[int index]
    {
        get
        {
            ReadOnlySpan<byte> range = _ranges.Slice(index * PacketLayout.NakRangeBytes, PacketLayout.NakRangeBytes);
            return new NakRange(
                BinaryPrimitives.ReadInt64LittleEndian(range),
                BinaryPrimitives.ReadInt64LittleEndian(range[8..]),
                BinaryPrimitives.ReadInt64LittleEndian(range[16..]));
        }
    }

    public static bool TryRead(ReadOnlySpan<byte> body, out NakPacket packet)
    {
        packet = default;
        if (body.Length < PacketLayout.NakBytes)
        {
            return false;
        }

        long count = BinaryPrimitives.ReadInt64LittleEndian(body);
        if (count is < 1 or > PacketLayout.MaxNakRanges
            || body.Length != PacketLayout.NakBytes + ((int)count * PacketLayout.NakRangeBytes))
        {
            return false;
        }

        packet = new NakPacket(body[PacketLayout.NakBytes..]);
        for (int index = 0; index < packet.Count; index++)
        {
            if (!packet[index].IsValid)
            {
                return false;
            }
        }

        return true;
    }

    public static int Write(Span<byte> body, ReadOnlySpan<NakRange> ranges)
    {
        BinaryPrimitives.WriteInt64LittleEndian(body, ranges.Length);
        for (int index = 0; index < ranges.Length; index++)
        {
            Span<byte> range = body.Slice(PacketLayout.NakBytes + (index * PacketLayout.NakRangeBytes), PacketLayout.NakRangeBytes);
            BinaryPrimitives.WriteInt64LittleEndian(range, ranges[index].Anchor);
            BinaryPrimitives.WriteInt64LittleEndian(range[8..], ranges[index].From);
            BinaryPrimitives.WriteInt64LittleEndian(range[16..], ranges[index].To);
        }

        return PacketLayout.NakBytes + (ranges.Length * PacketLayout.NakRangeBytes);
    }
}

/// <summary>Why the publisher cannot send what a receiver asked for.</summary>
internal enum RefusalReason : byte
{
    Deleted = 1,
    NoMessage = 2,
    Unreadable = 3,
}

/// <summary>The body of a refusal.</summary>
internal readonly record struct RefusalPacket(RefusalReason Reason, long Position, ulong Receiver)
{
    public static bool TryRead(ReadOnlySpan<byte> body, out RefusalPacket packet)
    {
        packet = default;
        if (body.Length != PacketLayout.RefusalBytes || BinaryPrimitives.ReadInt64LittleEndian(body) is not (1 or 2 or 3))
        {
            return false;
        }

        packet = new RefusalPacket(
            (RefusalReason)body[0], BinaryPrimitives.ReadInt64LittleEndian(body[8..]), BinaryPrimitives.ReadUInt64LittleEndian(body[16..]));
        return packet.Receiver != 0 && (packet.Position == 0 || PacketLayout.IsPosition(packet.Position));
    }

    public int Write(Span<byte> body)
    {
        BinaryPrimitives.WriteInt64LittleEndian(body, (byte)Reason);
        BinaryPrimitives.WriteInt64LittleEndian(body[8..], Position);
        BinaryPrimitives.WriteUInt64LittleEndian(body[16..], Receiver);
        return PacketLayout.RefusalBytes;
    }
}
