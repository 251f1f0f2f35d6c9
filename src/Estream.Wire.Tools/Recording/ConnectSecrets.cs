using System.Buffers.Binary;

namespace Estream.Wire.Tools.Recording;

/// <summary>Replaces the password in an MQTT CONNECT (3.1.1 or 5) by asterisks.</summary>
internal static class ConnectSecrets
{
    private const byte ConnectType = 0x10;
    private const byte WillFlag = 0x04;
    private const byte PasswordFlag = 0x40;
    private const byte UserNameFlag = 0x80;
    private const int MaxLengthBytes = 4;

    /// <summary>The length of the packet.</summary>
    /// <returns>0 if more bytes are needed; -1 if the packet is not a CONNECT.</returns>
    public static int LengthOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return 0;
        }

        if (bytes[0] != ConnectType)
        {
            return -1;
        }

        int length = TryReadVarInt(bytes[1..], out int value, out int size);
        return length <= 0 ? length : 1 + size + value;
    }

    /// <summary>Overwrites the password of a complete CONNECT with asterisks. A malformed CONNECT is overwritten from the violation to its
    /// end.</summary>
    public static void Mask(Span<byte> packet)
    {
        int position = 1;
        if (!TryPassVarInt(packet, ref position, out _))
        {
            return;
        }

        if (!TryPassText(packet, ref position) || packet.Length - position < 4)
        {
            Fill(packet, position, packet.Length);
            return;
        }

        bool isVersion5 = packet[position] == 5;
        byte flags = packet[position + 1];
        position += 4;
        bool isWhole = !isVersion5 || TryPassProperties(packet, ref position);
        isWhole = isWhole && TryPassText(packet, ref position);
        if ((flags & WillFlag) != 0)
        {
            isWhole = isWhole && (!isVersion5 || TryPassProperties(packet, ref position)) && TryPassText(packet, ref position)
                && TryPassText(packet, ref position);
        }

        if ((flags & UserNameFlag) != 0)
        {
            isWhole = isWhole && TryPassText(packet, ref position);
        }

        if (!isWhole)
        {
            Fill(packet, position, packet.Length);
        }
        else if ((flags & PasswordFlag) != 0)
        {
            Fill(packet, Math.Min(position + 2, packet.Length), packet.Length);
        }
    }

    private static void Fill(Span<byte> packet, int from, int to)
    {
        packet[from..to].Fill((byte)'*');
    }

    private static bool TryPassText(ReadOnlySpan<byte> packet, ref int position)
    {
        if (packet.Length - position < 2)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(packet[position..]);
        if (packet.Length - position - 2 < length)
        {
            return false;
        }

        position += 2 + length;
        return true;
    }

    private static bool TryPassProperties(ReadOnlySpan<byte> packet, ref int position)
    {
        int at = position;
        if (!TryPassVarInt(packet, ref at, out int length) || packet.Length - at < length)
        {
            return false;
        }

        position = at + length;
        return true;
    }

    private static bool TryPassVarInt(ReadOnlySpan<byte> packet, ref int position, out int value)
    {
        value = 0;
        if (position >= packet.Length || TryReadVarInt(packet[position..], out value, out int size) <= 0)
        {
            return false;
        }

        position += size;
        return true;
    }

    /// <returns>1 if the integer is complete, 0 if more bytes are needed, -1 if the integer is malformed.</returns>
    private static int TryReadVarInt(ReadOnlySpan<byte> bytes, out int value, out int size)
    {
        value = 0;
        for (size = 0; size < MaxLengthBytes; size++)
        {
            if (size == bytes.Length)
            {
                return 0;
            }

            value |= (bytes[size] & 0x7F) << (7 * size);
            if (bytes[size] < 0x80)
            {
                size++;
                return 1;
            }
        }

        return -1;
    }
}
