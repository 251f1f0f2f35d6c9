namespace Estream.Wire.Mqtt.Codec;

/// <summary>The result of reading a variable byte integer.</summary>
internal enum VarIntStatus
{
    Read,
    Incomplete,
    Invalid,
}

/// <summary>Variable byte integers (section 1.5.5): seven bits per byte, low bits first, at most four bytes.</summary>
internal static class VarInt
{
    public const int MaxBytes = 4;

    public static VarIntStatus TryRead(ReadOnlySpan<byte> data, out uint value, out int bytes)
    {
        value = 0;
        for (int index = 0; index < MaxBytes; index++)
        {
            if (index >= data.Length)
            {
                bytes = 0;
                return VarIntStatus.Incomplete;
            }

            byte current = data[index];
            value |= (uint)(current & 0x7F) << (7 * index);
            if ((current & 0x80) == 0)
            {
                bytes = index + 1;

                // A last byte of 0 means that a shorter encoding exists, and only the shortest encoding is valid.
                return current == 0 && index > 0 ? VarIntStatus.Invalid : VarIntStatus.Read;
            }
        }

        bytes = 0;
        return VarIntStatus.Invalid;
    }

    public static int Size(int value)
    {
        return value switch
        {
            < 1 << 7 => 1,
            < 1 << 14 => 2,
            < 1 << 21 => 3,
            _ => 4,
        };
    }

    public static int Write(Span<byte> destination, int value)
    {
        int index = 0;
        while (value >= 0x80)
        {
            destination[index++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[index++] = (byte)value;
        return index;
    }
}
