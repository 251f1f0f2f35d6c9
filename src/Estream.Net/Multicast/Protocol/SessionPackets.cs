using System.Buffers.Binary;

namespace Estream.Net.Multicast.Internal;

/// <summary>The body of a setup: what a receiver must know before it can join.</summary>
internal readonly record struct SetupPacket(
    long QueueId,
    long OldestPosition,
    long LastPosition,
    long EndAddress,
    long LastSequence,
    long Time,
    long SegmentBytes,
    int Receivers,
    int GroupData,
    int GroupParity,
    long Nonce = 0,
    ulong Receiver = 0,
    long Cookie = 0)
{
    private const long MinSegmentBytes = 64L << 10;
    private const long MaxSegmentBytes = 1L << 30;

    public static bool TryRead(ReadOnlySpan<byte> body, out SetupPacket packet)
    {
        packet = default;
        if (body.Length != PacketLayout.SetupBytes || BinaryPrimitives.ReadUInt32LittleEndian(body[60..]) != 0)
        {
            return false;
        }

        packet = new SetupPacket(
            BinaryPrimitives.ReadInt64LittleEndian(body),
            BinaryPrimitives.ReadInt64LittleEndian(body[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[48..]),
            BinaryPrimitives.ReadUInt16LittleEndian(body[56..]),
            body[58],
            body[59],
            BinaryPrimitives.ReadInt64LittleEndian(body[64..]),
            BinaryPrimitives.ReadUInt64LittleEndian(body[72..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[80..]));
        return packet.SegmentBytes is >= MinSegmentBytes and <= MaxSegmentBytes && long.IsPow2(packet.SegmentBytes)
            && PacketLayout.IsPosition(packet.OldestPosition)
            && StreamEnd.IsValid(packet.LastPosition, packet.EndAddress, packet.LastSequence)
            && packet.GroupData <= PacketLayout.MaxGroupData && packet.GroupParity <= PacketLayout.MaxGroupParity
            && (packet.GroupData == 0) == (packet.GroupParity == 0);
    }

    public int Write(Span<byte> body)
    {
        BinaryPrimitives.WriteInt64LittleEndian(body, QueueId);
        BinaryPrimitives.WriteInt64LittleEndian(body[8..], OldestPosition);
        BinaryPrimitives.WriteInt64LittleEndian(body[16..], LastPosition);
        BinaryPrimitives.WriteInt64LittleEndian(body[24..], EndAddress);
        BinaryPrimitives.WriteInt64LittleEndian(body[32..], LastSequence);
        BinaryPrimitives.WriteInt64LittleEndian(body[40..], Time);
        BinaryPrimitives.WriteInt64LittleEndian(body[48..], SegmentBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(body[56..], (ushort)Receivers);
        body[58] = (byte)GroupData;
        body[59] = (byte)GroupParity;
        BinaryPrimitives.WriteUInt32LittleEndian(body[60..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(body[64..], Nonce);
        BinaryPrimitives.WriteUInt64LittleEndian(body[72..], Receiver);
        BinaryPrimitives.WriteInt64LittleEndian(body[80..], Cookie);
        return PacketLayout.SetupBytes;
    }
}

/// <summary>The body of a heartbeat.</summary>
internal readonly record struct HeartbeatPacket(long LastPosition, long EndAddress, long LastSequence, long Time, int Receivers)
{
    public static bool TryRead(ReadOnlySpan<byte> body, out HeartbeatPacket packet)
    {
        packet = default;
        if (body.Length != PacketLayout.HeartbeatBytes || (BinaryPrimitives.ReadInt64LittleEndian(body[32..]) >>> 16) != 0)
        {
            return false;
        }

        packet = new HeartbeatPacket(
            BinaryPrimitives.ReadInt64LittleEndian(body),
            BinaryPrimitives.ReadInt64LittleEndian(body[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[24..]),
            BinaryPrimitives.ReadUInt16LittleEndian(body[32..]));
        return StreamEnd.IsValid(packet.LastPosition, packet.EndAddress, packet.LastSequence);
    }

    public int Write(Span<byte> body)
    {
        BinaryPrimitives.WriteInt64LittleEndian(body, LastPosition);
        BinaryPrimitives.WriteInt64LittleEndian(body[8..], EndAddress);
        BinaryPrimitives.WriteInt64LittleEndian(body[16..], LastSequence);
        BinaryPrimitives.WriteInt64LittleEndian(body[24..], Time);
        BinaryPrimitives.WriteInt64LittleEndian(body[32..], Receivers);
        return PacketLayout.HeartbeatBytes;
    }
}

/// <summary>The body of an end: the session is over.</summary>
internal readonly record struct EndPacket(long LastPosition, long EndAddress)
{
    public static bool TryRead(ReadOnlySpan<byte> body, out EndPacket packet)
    {
        packet = default;
        if (body.Length != PacketLayout.EndBytes)
        {
            return false;
        }

        packet = new EndPacket(BinaryPrimitives.ReadInt64LittleEndian(body), BinaryPrimitives.ReadInt64LittleEndian(body[8..]));
        return StreamEnd.IsValid(packet.LastPosition, packet.EndAddress, packet.LastPosition == 0 ? -1 : 0);
    }

    public int Write(Span<byte> body)
    {
        BinaryPrimitives.WriteInt64LittleEndian(body, LastPosition);
        BinaryPrimitives.WriteInt64LittleEndian(body[8..], EndAddress);
        return PacketLayout.EndBytes;
    }
}

/// <summary>Checks the fields that say how far a stream was sent.</summary>
internal static class StreamEnd
{
    /// <summary>Whether position, end address and sequence number are those of a message, or all say "none".</summary>
    public static bool IsValid(long position, long end, long sequence) => position == 0
        ? end == 0 && sequence == -1
        : PacketLayout.IsPosition(position) && sequence >= 0
            && end >= position + PacketLayout.FrameBytes && end - position <= int.MaxValue;
}
