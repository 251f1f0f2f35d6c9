namespace Estream.Wire.Dnp3.Codec;

/// <summary>The checksum of link frames (IEEE 1815, 9.2.4.4): 16 bits, polynomial 0x3D65 reflected, complemented, low octet
/// first.</summary>
internal static class Dnp3Crc
{
    public const int Bytes = 2;

    private const ushort ReflectedPolynomial = 0xA6BC;

    private static readonly ushort[] s_table = CreateTable();

    /// <summary>Computes the checksum of a block.</summary>
    public static ushort Compute(ReadOnlySpan<byte> block)
    {
        ushort crc = 0;
        foreach (byte one in block)
        {
            crc = (ushort)((crc >> 8) ^ s_table[(byte)(crc ^ one)]);
        }

        return (ushort)~crc;
    }

    /// <summary>Whether a block ends with its checksum.</summary>
    /// <param name="block">At least the two octets of the checksum.</param>
    public static bool IsValid(ReadOnlySpan<byte> block)
    {
        ushort crc = Compute(block[..^Bytes]);
        return block[^2] == (byte)crc && block[^1] == (byte)(crc >> 8);
    }

    /// <summary>Writes the checksum of a block behind it.</summary>
    /// <param name="block">The block, and two octets for the checksum.</param>
    public static void Append(Span<byte> block)
    {
        ushort crc = Compute(block[..^Bytes]);
        block[^2] = (byte)crc;
        block[^1] = (byte)(crc >> 8);
    }

    private static ushort[] CreateTable()
    {
        ushort[] table = new ushort[256];
        for (int index = 0; index < table.Length; index++)
        {
            int crc = index;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ ReflectedPolynomial : crc >> 1;
            }

            table[index] = (ushort)crc;
        }

        return table;
    }
}
