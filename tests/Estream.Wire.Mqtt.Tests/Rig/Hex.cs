namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>Bytes in readable notation.</summary>
internal static class Hex
{
    /// <summary>Converts hexadecimal digits to bytes; ignores spaces.</summary>
    public static byte[] Bytes(string text)
    {
        return Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
    }

    /// <summary>Encodes a variable byte integer without the product's codec.</summary>
    public static byte[] VarInt(int value)
    {
        List<byte> bytes = [];
        do
        {
            bytes.Add((byte)((value % 128) | (value >= 128 ? 128 : 0)));
            value /= 128;
        }
        while (value > 0);

        return [.. bytes];
    }
}
