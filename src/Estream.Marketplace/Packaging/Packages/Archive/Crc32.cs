namespace Estream.Marketplace.Packages;

/// <summary>The CRC-32 of RFC 1952, section 8, the checksum of a gzip member. It detects damage, not manipulation.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;
    private const int Tables = 8;
    private const int ValuesOfByte = 256;

    private static readonly uint[] s_tables = MakeTables();

    /// <summary>Updates a checksum with data; the checksum of no bytes is 0.</summary>
    public static uint Append(uint checksum, ReadOnlySpan<byte> data)
    {
        uint[] tables = s_tables;
        uint crc = ~checksum;
        for (; data.Length >= Tables; data = data[Tables..])
        {
            // Slicing-by-8: each of the eight bytes has a table with its effect on the checksum at its distance.
            crc = tables[(7 * ValuesOfByte) + (byte)(crc ^ data[0])] ^ tables[(6 * ValuesOfByte) + (byte)((crc >> 8) ^ data[1])]
                ^ tables[(5 * ValuesOfByte) + (byte)((crc >> 16) ^ data[2])] ^ tables[(4 * ValuesOfByte) + (byte)((crc >> 24) ^ data[3])]
                ^ tables[(3 * ValuesOfByte) + data[4]] ^ tables[(2 * ValuesOfByte) + data[5]] ^ tables[ValuesOfByte
                    + data[6]] ^ tables[data[7]];
        }

        foreach (byte value in data)
        {
            crc = tables[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[] MakeTables()
    {
        uint[] tables = new uint[Tables * ValuesOfByte];
        for (uint value = 0; value < ValuesOfByte; value++)
        {
            uint crc = value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? Polynomial ^ (crc >> 1) : crc >> 1;
            }

            tables[value] = crc;
        }

        for (int at = ValuesOfByte; at < tables.Length; at++)
        {
            uint before = tables[at - ValuesOfByte];
            tables[at] = tables[(byte)before] ^ (before >> 8);
        }

        return tables;
    }
}
