namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>Bytes as people write them.</summary>
internal static class Hex
{
    /// <summary>Bytes from hexadecimal digits; spaces are for the eye.</summary>
    public static byte[] Bytes(string text)
    {
        return Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
    }

    /// <summary>A variable byte integer, written without the product's help.</summary>
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
