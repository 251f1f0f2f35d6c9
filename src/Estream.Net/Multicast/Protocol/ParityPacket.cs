using System.Buffers.Binary;

namespace Estream.Net.Multicast.Internal;

/// <summary>The body of a parity packet. Valid as long as the received bytes.</summary>
internal readonly ref struct ParityPacket
{
    private ParityPacket(uint group, int data, int parity, int index, ReadOnlySpan<byte> symbol)
    {
        Group = group;
        Data = data;
        Parity = parity;
        Index = index;
        Symbol = symbol;
    }

    public uint Group { get; }

    /// <summary>The number of data packets in the group.</summary>
    public int Data { get; }

    /// <summary>The number of parity packets in the group.</summary>
    public int Parity { get; }

    /// <summary>Which of the parity packets this is.</summary>
    public int Index { get; }

    public ReadOnlySpan<byte> Symbol { get; }

    public static bool TryRead(ReadOnlySpan<byte> body, out ParityPacket packet)
    {
        packet = default;
        if (body.Length <= PacketLayout.ParityBytes + sizeof(ushort) + PacketLayout.DataBytes - 1 || body[7] != 0)
        {
            return false;
        }

        packet = new ParityPacket(
            BinaryPrimitives.ReadUInt32LittleEndian(body), body[4], body[5], body[6], body[PacketLayout.ParityBytes..]);
        return packet.Group != 0 && packet.Data is >= 1 and <= PacketLayout.MaxGroupData
            && packet.Parity is >= 1 and <= PacketLayout.MaxGroupParity && packet.Index < packet.Parity;
    }

    /// <summary>Writes the fields before the symbol.</summary>
    public static void Write(Span<byte> body, uint group, int data, int parity, int index)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(body, group);
        body[4] = (byte)data;
        body[5] = (byte)parity;
        body[6] = (byte)index;
        body[7] = 0;
    }
}
